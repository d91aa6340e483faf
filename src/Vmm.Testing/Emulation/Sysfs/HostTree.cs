using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>Keeps a host's sysfs tree in step with its model: one method for each thing the kernel shows there.</summary>
internal sealed class HostTree(SysfsTree tree)
{
    /// <summary>Char device majors, as the captured hosts have them.</summary>
    public const int GroupMajor = 247;

    /// <summary>Char device major of vfio-dev.</summary>
    public const int DeviceMajor = 246;

    public SysfsTree Tree { get; } = tree;

    /// <summary>False where a vfio device has a directory but no node.</summary>
    public bool ShowsDeviceNodes { get; set; } = true;

    /// <summary>False where the kernel has no file of reserved regions.</summary>
    public bool ShowsReserved { get; set; } = true;

    public void AddSkeleton()
    {
        foreach (var path in (string[])["kernel/iommu_groups", "bus/pci/devices", "bus/pci/drivers/vfio-pci", "class/iommu", "class/vfio", "class/vfio-dev"])
        {
            Tree.AddDirectory(path);
        }
    }

    public void AddUnit(IommuUnit unit)
    {
        Tree.AddDirectory($"devices/virtual/iommu/{unit.Name}/devices");
        Tree.LinkTo($"class/iommu/{unit.Name}", $"devices/virtual/iommu/{unit.Name}");
    }

    public void AddGroup(EmulatedGroup group)
    {
        Tree.AddDirectory($"kernel/iommu_groups/{group.Id}/devices");
        Tree.AddAttribute($"kernel/iommu_groups/{group.Id}/type", group.Type + "\n");
        if (group.IsEmulated || group.IsUnprotected)
        {
            Tree.AddAttribute($"kernel/iommu_groups/{group.Id}/name", "vfio-noiommu\n");
        }

        ShowReserved(group);
    }

    public void RemoveGroup(EmulatedGroup group) => Tree.Remove($"kernel/iommu_groups/{group.Id}");

    public void ShowReserved(EmulatedGroup group)
    {
        var file = $"kernel/iommu_groups/{group.Id}/reserved_regions";
        if (!ShowsReserved)
        {
            Tree.Remove(file);
            return;
        }

        Tree.AddAttribute(
            file,
            string.Concat(group.Reserved.Select(region =>
                $"0x{region.Range.Start.Value:x16} 0x{region.Range.Last.Value:x16} {ReservedRegionLine.WordOf(region.Kind)}\n")));
    }

    public void AddPciDevice(EmulatedDevice device)
    {
        var path = device.Path;
        Tree.LinkTo($"{path}/subsystem", "bus/pci");
        Tree.AddAttribute($"{path}/vendor", $"0x{device.Id[..4].ToLowerInvariant()}\n");
        Tree.AddAttribute($"{path}/device", $"0x{device.Id[5..].ToLowerInvariant()}\n");
        Tree.AddAttribute($"{path}/subsystem_vendor", $"0x{device.SubsystemId[..4].ToLowerInvariant()}\n");
        Tree.AddAttribute($"{path}/subsystem_device", $"0x{device.SubsystemId[5..].ToLowerInvariant()}\n");
        Tree.AddAttribute($"{path}/class", $"0x{device.Class:x6}\n");
        Tree.AddAttribute($"{path}/revision", "0x00\n");
        Tree.AddAttribute($"{path}/numa_node", "-1\n");
        Tree.AddAttribute($"{path}/driver_override", "(null)\n");
        var lines = device.Bars.Concat(Enumerable.Repeat(default(PciBar), Math.Max(0, 7 - device.Bars.Count)));
        Tree.AddAttribute($"{path}/resource", string.Concat(lines.Select(bar => bar + "\n")));
        if (device.IsExpress)
        {
            Tree.AddAttribute($"{path}/current_link_speed", "2.5 GT/s PCIe\n");
        }

        if (device.CanReset)
        {
            Tree.AddAttribute($"{path}/reset_method", "pm bus\n");
        }

        ShowUevent(device);
        Tree.LinkTo($"bus/pci/devices/{device.Name}", path);
        Join(device);
    }

    /// <summary>A device of which sysfs shows no more than every bus has: a mediated one, or one of another bus than PCI.</summary>
    public void AddBusDevice(EmulatedDevice device)
    {
        Tree.LinkTo($"{device.Path}/subsystem", $"bus/{device.Bus}");
        ShowUevent(device);
        Tree.LinkTo($"bus/{device.Bus}/devices/{device.Name}", device.Path);
        Join(device);
    }

    public void RemoveDevice(EmulatedDevice device)
    {
        Tree.Remove($"bus/{device.Bus}/devices/{device.Name}");
        if (device.Group is { } group)
        {
            Tree.Remove($"kernel/iommu_groups/{group.Id}/devices/{device.Name}");
        }

        if (device.Unit is { } unit && Tree.Canonical($"class/iommu/{unit.Name}") is { } at)
        {
            Tree.Remove($"{at}/devices/{device.Name}");
        }

        Tree.Remove(device.Path);
    }

    public void ShowDriver(EmulatedDevice device, string? before)
    {
        Tree.Remove($"{device.Path}/driver");
        if (before is not null)
        {
            Tree.Remove($"bus/{device.Bus}/drivers/{before}/{device.Name}");
        }

        if (device.Driver is { } driver)
        {
            Tree.AddDirectory($"bus/{device.Bus}/drivers/{driver}");
            Tree.LinkTo($"{device.Path}/driver", $"bus/{device.Bus}/drivers/{driver}");
            Tree.LinkTo($"bus/{device.Bus}/drivers/{driver}/{device.Name}", device.Path);
        }

        ShowUevent(device);
    }

    public void ShowOverride(EmulatedDevice device) =>
        Tree.AddAttribute($"{device.Path}/driver_override", (device.DriverOverride ?? "(null)") + "\n");

    public void AddVfioGroup(string name, int minor)
    {
        var path = $"devices/virtual/vfio/{name}";
        AddNode(path, "vfio", GroupMajor, minor, $"vfio/{name}");
        Tree.LinkTo($"class/vfio/{name}", path);
    }

    public void RemoveVfioGroup(string name)
    {
        Tree.Remove($"class/vfio/{name}");
        Tree.Remove($"devices/virtual/vfio/{name}");
    }

    public void AddVfioDevice(EmulatedDevice device, int index)
    {
        var path = $"{device.Path}/vfio-dev/vfio{index}";
        if (!ShowsDeviceNodes || device.Group is { IsUnprotected: true })
        {
            Tree.LinkTo($"{path}/subsystem", "class/vfio-dev");
            Tree.AddAttribute($"{path}/uevent", "");
        }
        else
        {
            AddNode(path, "vfio-dev", DeviceMajor, index, $"vfio/devices/vfio{index}");
        }

        Tree.AddLink($"{path}/device", $"../../../{device.Name}");
        Tree.LinkTo($"class/vfio-dev/vfio{index}", path);
    }

    public void RemoveVfioDevice(EmulatedDevice device, int index)
    {
        Tree.Remove($"class/vfio-dev/vfio{index}");
        Tree.Remove($"{device.Path}/vfio-dev");
    }

    /// <summary>Puts a device into the group that it has, and shows the IOMMU that serves it.</summary>
    public void Join(EmulatedDevice device)
    {
        if (device.Group is { } group)
        {
            Tree.LinkTo($"{device.Path}/iommu_group", $"kernel/iommu_groups/{group.Id}");
            Tree.LinkTo($"kernel/iommu_groups/{group.Id}/devices/{device.Name}", device.Path);
        }

        if (device.Unit is { } unit && Tree.Canonical($"class/iommu/{unit.Name}") is { } at)
        {
            Tree.LinkTo($"{device.Path}/iommu", at);
            Tree.LinkTo($"{at}/devices/{device.Name}", device.Path);
        }
    }

    /// <summary>Takes a device out of the group that it is in.</summary>
    public void Leave(EmulatedDevice device)
    {
        Tree.Remove($"{device.Path}/iommu_group");
        Tree.Remove($"kernel/iommu_groups/{device.Group!.Id}/devices/{device.Name}");
    }

    private void AddNode(string path, string subsystem, int major, int minor, string node)
    {
        Tree.AddDirectory($"class/{subsystem}");
        Tree.LinkTo($"{path}/subsystem", $"class/{subsystem}");
        Tree.AddAttribute($"{path}/dev", $"{major}:{minor}\n");
        Tree.AddAttribute($"{path}/uevent", $"MAJOR={major}\nMINOR={minor}\nDEVNAME={node}\n");
    }

    private void ShowUevent(EmulatedDevice device)
    {
        var driver = device.Driver is null ? "" : $"DRIVER={device.Driver}\n";
        Tree.AddAttribute($"{device.Path}/uevent", driver + string.Concat(device.BusKeys(withModalias: true).Select(key => key + "\n")));
    }
}
