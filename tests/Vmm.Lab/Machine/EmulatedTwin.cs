using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>Builds the emulated host that is the very machine of a description.</summary>
internal static class EmulatedTwin
{
    private const int Resources = 7;

    /// <summary>The host: the same groups, devices, drivers, reserved regions and IOMMUs.</summary>
    public static EmulatedHost Build(MachineDescription machine)
    {
        var host = EmulatedHost.Build(builder =>
        {
            foreach (var iommu in machine.Topology.Iommus)
            {
                builder.Unit(iommu.Name, KindOf(iommu.Name), machine.Space.Aperture, machine.Space.PageSizes, machine.Space.HasIsolatedMsi);
            }

            foreach (var group in machine.Topology.Groups)
            {
                AddGroup(builder.Group(group.Id.Value), machine, group);
            }
        });
        foreach (var unit in host.Units)
        {
            unit.EnforcesCoherency = machine.Space.EnforcesCoherency;
        }

        host.AllowsUnsafeNoIommu = machine.AllowsUnsafeNoIommu;
        foreach (var device in machine.Topology.Groups.Where(group => group.HasNoIommu).SelectMany(group => machine.Topology.DevicesOf(group.Id)))
        {
            if (!device.IsMediated)
            {
                host.AddDeviceWithoutIommu(Spec(machine, device) with { Driver = null });
                host.BindToVfio(device.Name);
            }
        }

        return host;
    }

    private static void AddGroup(EmulatedHostBuilder builder, MachineDescription machine, IommuGroup group)
    {
        foreach (var device in machine.Topology.DevicesOf(group.Id))
        {
            if (device.IsMediated)
            {
                builder.Mediated(device.Name, device.Driver ?? "mtty");
            }
            else if (!group.HasNoIommu)
            {
                builder.Device(Spec(machine, device));
            }
        }

        foreach (var region in group.Reserved.Regions)
        {
            builder.Reserved(region.Kind, region.Range);
        }
    }

    private static PciDeviceSpec Spec(MachineDescription machine, HostDevice device)
    {
        var facts = machine.Devices.GetValueOrDefault(device.Name, DeviceFacts.Unknown);
        var bars = new PciBar[Resources];
        foreach (var resource in device.Resources.Where(resource => resource.Index < Resources))
        {
            bars[resource.Index] = new PciBar(resource.Start, resource.Last, resource.Flags);
        }

        return new PciDeviceSpec(device.Name)
        {
            Driver = device.Driver,
            Id = $"{device.Vendor:X4}:{device.Device:X4}",
            Class = device.PciClass ?? 0,
            Bars = bars,
            IsExpress = facts.IsExpress,
            CanReset = facts.CanReset,
            Vectors = facts.Vectors,
            Unit = device.Iommu,
        };
    }

    private static IommuKind KindOf(string name) =>
        name.StartsWith("ivhd", StringComparison.Ordinal) ? IommuKind.AmdVi
        : name.StartsWith("smmu", StringComparison.Ordinal) ? IommuKind.Smmu
        : IommuKind.VtD;
}
