using Vmm.Testing.Emulation;

namespace Vmm.Testing.Recordings;

/// <summary>Brings a running host to be as another one was: what left leaves, what came comes, drivers and reserved regions are as there.</summary>
internal static class HostFollowing
{
    /// <summary>Changes <paramref name="host"/>. What a device in use has to wait for goes on when it is closed, as ever.</summary>
    /// <param name="host">The host under the kernel.</param>
    /// <param name="target">A host without a kernel.</param>
    public static void Bring(EmulatedHost host, EmulatedHost target)
    {
        foreach (var device in host.Devices.Where(device => !target.TryDevice(device.Name, out _)))
        {
            host.RemoveDevice(device.Name);
        }

        foreach (var device in host.Devices.Where(device => device.Driver is not null && target.TryDevice(device.Name, out var there) && there.Driver != device.Driver))
        {
            host.UnbindDriver(device.Name);
        }

        foreach (var there in target.Devices)
        {
            if (!host.TryDevice(there.Name, out var device))
            {
                device = Add(host, there);
            }

            if (there.DriverOverride != device.DriverOverride)
            {
                lock (host.Gate)
                {
                    host.SetOverride(device, there.DriverOverride);
                }
            }

            if (there.Driver is { } driver && device.Driver is null)
            {
                host.BindDriver(device.Name, driver);
            }
        }

        foreach (var group in target.Groups.Where(group => !group.IsEmulated && !group.IsUnprotected))
        {
            if (host.TryGroup(group.Id, out var here) && here.Devices.Count > 0 && !here.Reserved.Select(Shown).SequenceEqual(group.Reserved.Select(Shown)))
            {
                host.SetReservedRegions(group.Id, group.Reserved);
            }
        }
    }

    private static (object Kind, object Range) Shown(Iommu.Reserved.ReservedRegion region) => (region.Kind, region.Range);

    private static EmulatedDevice Add(EmulatedHost host, EmulatedDevice there)
    {
        if (there.Unit is { } unit && host.Units.All(known => known.Name != unit.Name))
        {
            host.AddUnit(unit.Name, unit.Kind);
        }

        if (there.IsMediated)
        {
            return host.AddMediatedDevice(there.Name, there.Driver ?? "mdev", there.Group!.Id);
        }

        var isProtected = there.Group is { IsUnprotected: false };
        IReadOnlyList<Iommu.Reserved.ReservedRegion> reserved = isProtected ? there.Group!.Reserved : [];
        if (there.Bus != "pci")
        {
            return host.AddDevice(new BusDeviceSpec(there.Name, there.Bus) { Unit = there.Unit?.Name, Reserved = reserved }, there.Group!.Id);
        }

        var spec = new PciDeviceSpec(there.Name)
        {
            Id = there.Id,
            SubsystemId = there.SubsystemId,
            Class = there.Class,
            Bars = there.Bars,
            IsExpress = there.IsExpress,
            CanReset = there.CanReset,
            Reserved = reserved,
            Unit = there.Unit?.Name,
            Parent = there.Path[..there.Path.LastIndexOf('/')],
        };
        return isProtected ? host.AddDevice(spec, there.Group!.Id) : host.AddDeviceWithoutIommu(spec);
    }
}
