using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <content>Device cdevs, features and hot reset.</content>
public static partial class VfioCalls
{
    private const int TokenSize = 16;

    /// <summary>Devices that a hot reset may concern; a bus has 256 functions.</summary>
    private const uint MostDependents = 4096;

    /// <summary>VFIO_DEVICE_BIND_IOMMUFD: the device becomes the iommufd's, until the cdev is closed.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="cdev">The device's descriptor, from its own node.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="token">The token that a virtual function shares with its physical one; null for none.</param>
    /// <param name="id">The device's id in the iommufd; 0 on failure.</param>
    /// <returns>EBUSY while the device's group node is open; EINVAL when the device is bound already; EPERM; EBADFD.</returns>
    public static SysResult DeviceBindIommufd(IDevices devices, int cdev, int iommufd, Guid? token, out uint id)
    {
        var binding = new VfioUapi.IommufdBinding
        {
            ArgumentSize = AbiBytes.SizeOf<VfioUapi.IommufdBinding>(),
            Flags = token is null ? 0 : VfioUapi.BindToken,
            Iommufd = iommufd,
        };
        Span<byte> bytes = stackalloc byte[TokenSize];
        token?.TryWriteBytes(bytes, bigEndian: true, out _);
        var answer = devices.Ioctl(
            cdev,
            VfioUapi.DeviceBindIommufd,
            AbiBytes.Of(ref binding),
            Unsafe.SizeOf<VfioUapi.IommufdBinding>() - sizeof(ulong),
            token is null ? default : bytes);
        id = answer.IsOk ? binding.DeviceId : 0;
        return answer;
    }

    /// <summary>VFIO_DEVICE_ATTACH_IOMMUFD_PT. KERNEL: of an attached device it replaces the page table of the whole group.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="cdev">The descriptor of a bound device.</param>
    /// <param name="id">Id of an IOAS or page table.</param>
    /// <param name="attachedTo">Id of the page table that the device now has, of an mdev the IOAS; 0 on failure.</param>
    /// <returns>EINVAL for a page table that does not suit the device; EADDRINUSE for a mapping in a reserved range.</returns>
    public static SysResult DeviceAttachIommufdPt(IDevices devices, int cdev, uint id, out uint attachedTo)
    {
        var attach = new VfioUapi.PageTableAttach { ArgumentSize = AbiBytes.SizeOf<VfioUapi.PageTableAttach>(), PageTableId = id };
        var answer = devices.Ioctl(cdev, VfioUapi.DeviceAttachIommufdPt, AbiBytes.Of(ref attach));
        attachedTo = answer.IsOk ? attach.PageTableId : 0;
        return answer;
    }

    /// <summary>VFIO_DEVICE_DETACH_IOMMUFD_PT.</summary>
    /// <returns>Success also for a device that is not attached.</returns>
    public static SysResult DeviceDetachIommufdPt(IDevices devices, int cdev)
    {
        var detach = new VfioUapi.PageTableDetach { ArgumentSize = AbiBytes.SizeOf<VfioUapi.PageTableDetach>() };
        return devices.Ioctl(cdev, VfioUapi.DeviceDetachIommufdPt, AbiBytes.Of(ref detach));
    }

    /// <summary>VFIO_DEVICE_FEATURE with PROBE: whether a device has a feature.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="feature">The feature's index, with <see cref="VfioUapi.FeatureGet"/> or <see cref="VfioUapi.FeatureSet"/> or both.</param>
    /// <returns>Success for yes; ENOTTY for a feature that is not there, EINVAL for one that cannot be got or set.</returns>
    public static SysResult DeviceProbeFeature(IDevices devices, int device, uint feature)
    {
        var probe = new VfioUapi.Feature
        {
            ArgumentSize = AbiBytes.SizeOf<VfioUapi.Feature>(),
            Flags = feature | VfioUapi.FeatureProbe,
        };
        return devices.Ioctl(device, VfioUapi.DeviceFeature, AbiBytes.Of(ref probe));
    }

    /// <summary>VFIO_DEVICE_FEATURE: a dma-buf of parts of a region, which IOMMU_IOAS_MAP_FILE takes.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="region">Which region.</param>
    /// <param name="openFlags">Flags of open(2) for the new descriptor.</param>
    /// <param name="parts">The parts, page aligned; one behind the other they are the dma-buf.</param>
    /// <returns>The descriptor; the caller closes it. ENOTTY from a kernel or device without the feature.</returns>
    public static SysResult DeviceGetDmaBuf(
        IDevices devices, int device, uint region, uint openFlags, ReadOnlySpan<VfioUapi.DmaBufRange> parts)
    {
        var headerSize = Unsafe.SizeOf<VfioUapi.Feature>();
        var fixedSize = headerSize + Unsafe.SizeOf<VfioUapi.DmaBufFeature>();
        var argument = new byte[fixedSize + (parts.Length * Unsafe.SizeOf<VfioUapi.DmaBufRange>())];
        var feature = new VfioUapi.Feature
        {
            ArgumentSize = (uint)argument.Length,
            Flags = VfioUapi.FeatureDmaBuf | VfioUapi.FeatureGet,
        };
        var wanted = new VfioUapi.DmaBufFeature { RegionIndex = region, OpenFlags = openFlags, RangeCount = (uint)parts.Length };
        MemoryMarshal.Write(argument, feature);
        MemoryMarshal.Write(argument.AsSpan(headerSize), wanted);
        MemoryMarshal.AsBytes(parts).CopyTo(argument.AsSpan(fixedSize));
        return devices.Ioctl(device, VfioUapi.DeviceFeature, argument);
    }

    /// <summary>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: every device that a hot reset of this one resets.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="flags"><see cref="VfioUapi.HotResetDeviceIds"/>, <see cref="VfioUapi.HotResetDeviceIdsOwned"/>; 0 on failure.</param>
    /// <returns>The devices; ENODEV where there is no hot reset; EPROTO where the kernel contradicts itself.</returns>
    public static SysResult<VfioUapi.DependentDevice[]> DeviceGetPciHotResetInfo(IDevices devices, int device, out uint flags)
    {
        flags = 0;
        var (headerSize, itemSize) = (Unsafe.SizeOf<VfioUapi.HotResetInfo>(), Unsafe.SizeOf<VfioUapi.DependentDevice>());
        var room = 0u;
        for (var round = 0; round < MostRounds; round++)
        {
            var answer = new byte[headerSize + ((int)room * itemSize)];
            MemoryMarshal.Write(answer, (uint)answer.Length);
            var result = devices.Ioctl(device, VfioUapi.DeviceGetPciHotResetInfo, answer);
            var info = MemoryMarshal.Read<VfioUapi.HotResetInfo>(answer);
            if (result.IsOk && info.Count <= room)
            {
                flags = info.Flags;
                return MemoryMarshal.Cast<byte, VfioUapi.DependentDevice>(answer.AsSpan(headerSize))[..(int)info.Count].ToArray();
            }

            if (!result.IsOk && result.Errno != Errno.ENOSPC)
            {
                return result.Errno;
            }

            if (result.IsOk || info.Count <= room || info.Count > MostDependents)
            {
                return Errno.EPROTO;
            }

            room = info.Count;
        }

        return Errno.ENOSPC;
    }

    /// <summary>VFIO_DEVICE_PCI_HOT_RESET.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="groups">Descriptors of every group that has a device of the reset; empty for a bound cdev.</param>
    /// <returns>EINVAL or EPERM where a device of the reset is not the caller's.</returns>
    public static SysResult DevicePciHotReset(IDevices devices, int device, ReadOnlySpan<int> groups)
    {
        var headerSize = Unsafe.SizeOf<VfioUapi.HotReset>();
        var argument = new byte[headerSize + (groups.Length * sizeof(int))];
        MemoryMarshal.Write(argument, new VfioUapi.HotReset { ArgumentSize = (uint)argument.Length, Count = (uint)groups.Length });
        MemoryMarshal.AsBytes(groups).CopyTo(argument.AsSpan(headerSize));
        return devices.Ioctl(device, VfioUapi.DevicePciHotReset, argument);
    }
}
