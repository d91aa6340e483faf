using System.Globalization;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Sysfs;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

public sealed partial class EmulatedHost
{
    internal SysResult Bind(EmulatedDevice device, string driver)
    {
        if (device.Driver is not null)
        {
            return Errno.EBUSY;
        }

        if (!device.IsMediated && Drivers.IsVfio(driver) && device.Group is null && !TryMakeGroup(device))
        {
            return Errno.EINVAL;
        }

        var breaksIn = !device.IsMediated && !Drivers.ManagesDma(driver) && device.Group is { IsOwned: true };
        if (breaksIn && _linux.ClaimsDmaOwnership)
        {
            return Errno.EBUSY;
        }

        var hadGroup = device.Group?.Vfio is not null;
        device.Driver = driver;
        TakeDriver(device, driver);
        ShowVfio(device, hadGroup);
        Tree.ShowDriver(device, before: null);
        if (breaksIn && !device.IsBridge)
        {
            // KERNEL: the notifier that hears of the bind calls BUG(), before user space is told, and the lock stays held.
            device.IsStuck = true;
            _messages.Add($"BUG: {device.Name}: driver {driver} bound in group {device.Group!.Id}, which is in use");
            return Errno.EIO;
        }

        Events.Device("bind", device);
        return SysResult.Ok;
    }

    /// <summary>A group for a device without an IOMMU, where the module's parameter allows that.</summary>
    private bool TryMakeGroup(EmulatedDevice device)
    {
        if (!AllowsUnsafeNoIommu)
        {
            return false;
        }

        device.Group = NewGroup(LowestFree(_groups.Keys), isEmulated: false, isUnprotected: true);
        device.Group.Add(device);
        Tree.Join(device);
        _messages.Add($"WARNING: {device.Name}: added to vfio-noiommu group {device.Group.Id}; the kernel is tainted");
        return true;
    }

    private void TakeDriver(EmulatedDevice device, string driver)
    {
        if (device.Group is not { } group)
        {
            return;
        }

        if (device.IsMediated || Drivers.IsVfio(driver))
        {
            group.Vfio ??= new GroupModel(group, LowestFree(_groups.Values.Where(other => other.Vfio is not null).Select(other => other.Vfio!.Minor)));
            group.Vfio.Members.Add(device);
            device.VfioIndex = ShownIndex(device) ?? LowestFree(_devices.Values.Where(other => other.VfioIndex >= 0).Select(other => other.VfioIndex));
        }
        else if (!Drivers.ManagesDma(driver))
        {
            group.KernelUsers++;
        }
    }

    /// <summary>The number that a captured host shows; null where it shows none, as before every later bind.</summary>
    private int? ShownIndex(EmulatedDevice device) =>
        Tree.Tree.Names($"{device.Path}/vfio-dev") is [var name] && name.StartsWith("vfio", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? index
                : null;

    private void ShowVfio(EmulatedDevice device, bool hadGroup)
    {
        if (device.VfioIndex < 0 || device.Group is not { Vfio: { } vfio } group)
        {
            return;
        }

        if (!hadGroup)
        {
            Tree.AddVfioGroup(group.NodeName, vfio.Minor);
            Events.Node("add", $"devices/virtual/vfio/{group.NodeName}", "vfio", HostTree.GroupMajor, vfio.Minor, $"vfio/{group.NodeName}");
        }

        Tree.AddVfioDevice(device, device.VfioIndex);
        VfioDeviceEvent("add", device);
    }

    private void VfioDeviceEvent(string action, EmulatedDevice device)
    {
        var index = device.VfioIndex;
        if (!_linux.HasDeviceNodes || device.Group is { IsUnprotected: true })
        {
            Events.Nodeless(action, $"{device.Path}/vfio-dev/vfio{index}", "vfio-dev");
            return;
        }

        Events.Node(action, $"{device.Path}/vfio-dev/vfio{index}", "vfio-dev", HostTree.DeviceMajor, index, $"vfio/devices/vfio{index}");
    }

    /// <summary>Takes the driver off a device that nobody has open.</summary>
    private void Release(EmulatedDevice device)
    {
        if (device.Driver is not { } driver)
        {
            return;
        }

        if (device.VfioIndex >= 0)
        {
            LeaveVfio(device);
        }
        else if (device.Group is { } group && !Drivers.ManagesDma(driver))
        {
            group.KernelUsers--;
        }

        device.Driver = null;
        Tree.ShowDriver(device, driver);
        Events.Device("unbind", device);
    }

    private void LeaveVfio(EmulatedDevice device)
    {
        Tree.RemoveVfioDevice(device, device.VfioIndex);
        VfioDeviceEvent("remove", device);
        device.VfioIndex = -1;
        var group = device.Group!;
        var vfio = group.Vfio!;
        vfio.Members.Remove(device);
        if (vfio.Members.Count > 0)
        {
            return;
        }

        // KERNEL: the last vfio device takes the group out of its container, group descriptor open or not.
        vfio.LeaveHost();
        group.Vfio = null;
        Tree.RemoveVfioGroup(group.NodeName);
        Events.Node("remove", $"devices/virtual/vfio/{group.NodeName}", "vfio", HostTree.GroupMajor, vfio.Minor, $"vfio/{group.NodeName}");
        if (group.IsUnprotected)
        {
            Tree.Leave(device);
            group.Remove(device);
            device.Group = null;
            _groups.Remove(group.Id);
            Tree.RemoveGroup(group);
        }
    }
}
