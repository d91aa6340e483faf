using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Makes the machine of a scenario, and changes it.</summary>
internal static class ScenarioHost
{
    // Where no capture says where BARs are, they lie above every guest's memory.
    private const ulong FirstBarAddress = 0x3900_0000_0000;

    internal static EmulatedHost Build(HostScript script)
    {
        var host = script.Capture is { } capture ? Load(capture) : EmulatedHost.Build(machine => machine.Unit("dmar0"));
        if (script.Aperture is { } aperture)
        {
            foreach (var unit in host.Units)
            {
                unit.Aperture = aperture;
            }
        }

        host.AllowsUnsafeNoIommu = script.AllowsNoIommu;
        foreach (var iommu in script.Iommus)
        {
            AddIommu(host, iommu);
        }

        foreach (var device in script.Devices)
        {
            Change(host, new HostChange.Add(device));
        }

        foreach (var (group, regions) in script.Reserved)
        {
            Change(host, new HostChange.Reserve(group, regions));
        }

        foreach (var (path, target) in script.Links)
        {
            AddLink(host, path, target);
        }

        foreach (var (device, driver) in script.Drivers)
        {
            BindAtStart(host, device, driver);
        }

        return host;
    }

    /// <summary>The kernel that a host asks for.</summary>
    internal static EmulatedKernelOptions OptionsOf(HostScript script) => new()
    {
        Personality = script.Kernel,
        HasType1V2 = script.HasType1V2,
        DmaEntryLimit = script.EntryLimit ?? 65535,
    };

    /// <returns>What the host's kernel answered, in words and as an errno.</returns>
    internal static (string Words, Errno Errno) Change(EmulatedHost host, HostChange change)
    {
        try
        {
            return change switch
            {
                HostChange.Add add => (Add(host, add.Device), Errno.None),
                HostChange.Remove remove => Said(host, $"remove {remove.Device}", remove.Device, () => host.RemoveDevice(remove.Device)),
                HostChange.Bind bind => Said(host, $"bind {bind.Device} to {bind.Driver}", bind.Device, () => host.BindDriver(bind.Device, bind.Driver)),
                HostChange.Unbind unbind => Said(host, $"unbind {unbind.Device}", unbind.Device, () => host.UnbindDriver(unbind.Device)),
                HostChange.Reserve reserve => (Reserve(host, reserve), Errno.None),
                HostChange.FailDomains fail => (FailDomains(host, fail), Errno.None),
                _ => throw new ArgumentOutOfRangeException(nameof(change), change, "no such change"),
            };
        }
        catch (ArgumentException wrong)
        {
            throw new ScenarioFormatException("host", "", Words(wrong), "change what the host has, add what it has not", wrong);
        }
    }

    private static EmulatedHost Load(string capture)
    {
        try
        {
            return EmulatedHost.Load(capture);
        }
        catch (HostLoadException wrong)
        {
            throw new ScenarioFormatException("host.capture", "", wrong.Message, "use a capture that loads", wrong);
        }
    }

    private static void AddLink(EmulatedHost host, string path, string target)
    {
        if (host.Tree.Tree.Has(path))
        {
            throw new ScenarioFormatException("host.links", path, "sysfs has that already", "name a path that is not there");
        }

        host.Tree.Tree.AddLink(path, target);
    }

    private static string Add(EmulatedHost host, DeviceScript script)
    {
        var logged = host.KernelMessages.Count;
        var device = script.Bus == "pci" ? AddPci(host, script) : host.AddDevice(
            new BusDeviceSpec(script.Address, script.Bus) { Driver = script.Driver, Unit = script.Iommu, Reserved = Regions(script.Reserved, script.Group!.Value) },
            script.Group.Value);
        return $"add {device.Name} to {(device.Group is { } group ? $"group {group.Id}" : script.Group is null ? "no group" : "no group: the kernel refused it")}, driver {device.Driver ?? "none"}{Logged(host, logged)}";
    }

    private static EmulatedDevice AddPci(EmulatedHost host, DeviceScript script)
    {
        var address = FirstBarAddress + ((ulong)host.Devices.Count << 32);
        var bars = new List<PciBar>();
        foreach (var size in script.Bars)
        {
            // A BAR is aligned to its size.
            address = size == 0 ? address : (address + size - 1) & ~(size - 1);
            bars.Add(size == 0 ? default : PciBar.Memory(address, size));
            address += size;
        }

        var spec = new PciDeviceSpec(script.Address)
        {
            Driver = script.Driver,
            Bars = bars,
            IsExpress = !script.IsConventional,
            Unit = script.Iommu,
            Reserved = script.Group is { } owner ? Regions(script.Reserved, owner) : [],
        };
        return script.Group is { } joins ? host.AddDevice(spec, joins) : host.AddDeviceWithoutIommu(spec);
    }

    private static void AddIommu(EmulatedHost host, IommuScript script)
    {
        try
        {
            var unit = host.AddUnit(script.Name, IommuUnit.KindOf(script.Name));
            unit.Aperture = script.Aperture ?? unit.Aperture;
            host.Tree.AddUnit(unit);
        }
        catch (ArgumentException wrong)
        {
            throw new ScenarioFormatException("host.iommus", script.Name, Words(wrong), "give it another name", wrong);
        }
    }

    private static string FailDomains(EmulatedHost host, HostChange.FailDomains change)
    {
        host.Unit(change.Iommu).FailDomains(change.Errno, change.Times);
        return $"{change.Iommu} will not make a page table, {change.Errno.Name}, {change.Times} times";
    }

    private static string Reserve(EmulatedHost host, HostChange.Reserve change)
    {
        host.SetReservedRegions(change.Group, Regions(change.Regions, change.Group));
        return $"group {change.Group} now has {change.Regions.Count} reserved regions";
    }

    private static IReadOnlyList<ReservedRegion> Regions(IEnumerable<RegionScript> regions, int group) =>
        [.. regions.Select(region => new ReservedRegion(region.Kind, region.Range, $"group {group}", "scenario"))];

    private static void BindAtStart(EmulatedHost host, string device, string driver)
    {
        var unbound = host.TryDevice(device, out var found) && found.Driver is not null ? host.UnbindDriver(device) : SysResult.Ok;
        var answer = unbound.IsOk && driver.Length > 0
            ? driver == "vfio-pci" ? host.BindToVfio(device) : host.BindDriver(device, driver)
            : unbound;
        if (found is null || !answer.IsOk)
        {
            throw new ScenarioFormatException("host.drivers", device, found is null ? "the host has no such device" : $"the kernel answers {answer.Errno}", "name a device that can have the driver");
        }
    }

    // The name of a parameter means nothing to who wrote the file.
    private static string Words(ArgumentException wrong) => wrong.Message.Split(" (Parameter '")[0].TrimEnd('.');

    private static (string Words, Errno Errno) Said(EmulatedHost host, string what, string device, Func<SysResult> change)
    {
        if (!host.TryDevice(device, out _))
        {
            return ($"{what}: the host has no device {device}", Errno.ENODEV);
        }

        var logged = host.KernelMessages.Count;
        var answer = change();
        return ($"{what}: {(answer.IsOk ? "done" : answer.Errno.ToString())}{Logged(host, logged)}", answer.Errno);
    }

    private static string Logged(EmulatedHost host, int before) => string.Concat(host.KernelMessages.Skip(before).Select(message => $"; the kernel says {message}"));
}
