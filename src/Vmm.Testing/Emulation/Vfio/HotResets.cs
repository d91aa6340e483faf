using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO and VFIO_DEVICE_PCI_HOT_RESET: a reset of the whole bus below a bridge.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="device">The device that was asked.</param>
/// <param name="isGroupPath">True for a descriptor of a group, false for the device's own node.</param>
internal sealed class HotResets(KernelState kernel, EmulatedDevice device, bool isGroupPath)
{
    private const int Header = 12;
    private const int EntrySize = 8;

    public SysResult Info(IoctlArgument argument)
    {
        var refused = CheckHeader(argument);
        if (!refused.IsNone)
        {
            return refused;
        }

        var devices = OnTheBus();
        if (devices.Count == 0)
        {
            return Errno.ENODEV;
        }

        // KERNEL: it is the number alone that is told where there is no room for all.
        var room = (argument.UInt32(0) - Header) / EntrySize;
        argument.Put(4, 0u);
        argument.Put(8, (uint)devices.Count);
        if (room < devices.Count)
        {
            return Errno.ENOSPC;
        }

        if (argument.Bytes.Length < Header + (devices.Count * EntrySize))
        {
            return Errno.EFAULT;
        }

        if (isGroupPath && devices.Exists(found => found.Group is null))
        {
            return Errno.EPERM;
        }

        var owners = devices.ConvertAll(found => isGroupPath ? found.Group!.Id : IdOf(found));
        argument.Put(4, isGroupPath ? 0
            : owners.Contains(VfioUapi.DeviceIdNotOwned) ? VfioUapi.HotResetDeviceIds
            : VfioUapi.HotResetDeviceIds | VfioUapi.HotResetDeviceIdsOwned);
        for (var at = 0; at < devices.Count; at++)
        {
            Write(argument.Bytes.Slice(Header + (at * EntrySize), EntrySize), owners[at], PciAddress.Parse(devices[at].Name));
        }

        return SysResult.Ok;
    }

    public SysResult Reset(IoctlArgument argument)
    {
        var refused = CheckHeader(argument);
        if (!refused.IsNone)
        {
            return refused;
        }

        // KERNEL: groups prove what a caller owns, and a device by its own node has its iommufd for that.
        var count = argument.UInt32(8);
        if (argument.UInt32(4) != 0 || count > 0 != isGroupPath)
        {
            return Errno.EINVAL;
        }

        var devices = OnTheBus();
        if (devices.Count == 0 || count > devices.Count)
        {
            return devices.Count == 0 ? Errno.ENODEV : Errno.EINVAL;
        }

        if (argument.Bytes.Length < Header + (count * sizeof(int)))
        {
            return Errno.EFAULT;
        }

        var groups = new HashSet<EmulatedGroup?>();
        refused = ReadGroups(argument, (int)count, groups);
        if (!refused.IsNone)
        {
            return refused;
        }

        if (devices.Exists(found => !IsVfio(found) || !(isGroupPath ? groups.Contains(found.Group) : IdOf(found) != VfioUapi.DeviceIdNotOwned)))
        {
            return Errno.EINVAL;
        }

        devices.ForEach(found => found.Resets++);
        return SysResult.Ok;
    }

    private static Errno CheckHeader(IoctlArgument argument) =>
        argument.Bytes.Length < Header ? Errno.EFAULT : argument.UInt32(0) < Header ? Errno.EINVAL : Errno.None;

    private Errno ReadGroups(IoctlArgument argument, int count, HashSet<EmulatedGroup?> groups)
    {
        for (var at = 0; at < count; at++)
        {
            var descriptor = (int)argument.UInt32(Header + (at * sizeof(int)));
            if (kernel.Files[descriptor] is not { } file)
            {
                return DescriptorTable.IsOpenInProcess(descriptor) ? Errno.EINVAL : Errno.EBADF;
            }

            if (file is not GroupFile group)
            {
                return Errno.EINVAL;
            }

            groups.Add(group.Group.Host);
        }

        return Errno.None;
    }

    /// <summary>The devices on the same bus and on those below it, itself among them; none where the bus is a root bus, which nothing resets.</summary>
    private List<EmulatedDevice> OnTheBus()
    {
        var above = device.Path[..device.Path.LastIndexOf('/')];
        return device.Bus == "pci" && PciAddress.TryParse(above[(above.LastIndexOf('/') + 1)..], out _)
            ? [.. kernel.Host.Devices.Where(found => found.Bus == "pci" && found.Path.StartsWith($"{above}/", StringComparison.Ordinal))]
            : [];
    }

    /// <summary>A device's id in the iommufd of the one that was asked; 0 where only its group is that iommufd's.</summary>
    private int IdOf(EmulatedDevice found) => found.Vfio.Iommufd is { } bound && bound == device.Vfio.Iommufd ? (int)found.Vfio.Bound!.Id
        : IsVfio(found) && ReferenceEquals(found.Group?.Owner, device.Vfio.Iommufd) ? VfioUapi.DeviceIdOwned
        : VfioUapi.DeviceIdNotOwned;

    private static bool IsVfio(EmulatedDevice found) => found.Driver is { } driver && Drivers.IsVfio(driver);

    private static void Write(Span<byte> entry, int owner, PciAddress at)
    {
        BinaryPrimitives.WriteInt32LittleEndian(entry, owner);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)at.Domain);
        entry[6] = at.Bus;
        entry[7] = (byte)((at.Device << 3) | at.Function);
    }
}
