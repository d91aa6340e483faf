using System.Runtime.InteropServices;
using System.Text;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// One method an ioctl of containers, groups and devices: a value goes in, a result with the kernel's errno comes out. No method
/// throws, retries (short answer buffers aside) or remembers anything. <c>IDevices</c> decides which kernel is asked.
/// </summary>
public static partial class VfioCalls
{
    /// <summary>Bytes offered at first for what a region says: enough for a dozen mappable areas.</summary>
    private const int FirstRegionAnswer = 512;

    /// <summary>Bytes beyond which a wanted answer is not believed.</summary>
    private const int LargestAnswer = 1 << 20;

    /// <summary>How often a grown answer is asked for again; it may grow between two calls while groups come.</summary>
    private const int MostRounds = 8;

    /// <summary>VFIO_GET_API_VERSION.</summary>
    /// <returns>The version; <see cref="VfioUapi.ApiVersion"/> is the one known here.</returns>
    public static SysResult GetApiVersion(IDevices devices, int container) => devices.Ioctl(container, VfioUapi.GetApiVersion, 0);

    /// <summary>VFIO_CHECK_EXTENSION.</summary>
    /// <returns>0 for no, positive for yes; an unknown extension is 0.</returns>
    public static SysResult CheckExtension(IDevices devices, int container, int extension) =>
        devices.Ioctl(container, VfioUapi.CheckExtension, (ulong)extension);

    /// <summary>VFIO_SET_IOMMU: gives a container with groups its backend.</summary>
    public static SysResult SetIommu(IDevices devices, int container, int type) =>
        devices.Ioctl(container, VfioUapi.SetIommu, (ulong)type);

    /// <summary>VFIO_GROUP_GET_STATUS.</summary>
    /// <returns>Flags: <see cref="VfioUapi.GroupViable"/>, <see cref="VfioUapi.GroupContainerSet"/>.</returns>
    public static SysResult<uint> GroupGetStatus(IDevices devices, int group)
    {
        var status = new VfioUapi.GroupStatus { ArgumentSize = AbiBytes.SizeOf<VfioUapi.GroupStatus>() };
        var answer = devices.Ioctl(group, VfioUapi.GroupGetStatus, AbiBytes.Of(ref status));
        return answer.IsOk ? status.Flags : answer.Errno;
    }

    /// <summary>VFIO_GROUP_SET_CONTAINER.</summary>
    public static SysResult GroupSetContainer(IDevices devices, int group, int container) =>
        devices.Ioctl(group, VfioUapi.GroupSetContainer, AbiBytes.Of(ref container));

    /// <summary>VFIO_GROUP_UNSET_CONTAINER.</summary>
    /// <returns>EBUSY while a device of the group is open.</returns>
    public static SysResult GroupUnsetContainer(IDevices devices, int group) =>
        devices.Ioctl(group, VfioUapi.GroupUnsetContainer, 0);

    /// <summary>VFIO_GROUP_GET_DEVICE_FD.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="group">The group's descriptor.</param>
    /// <param name="name">The device's name, such as <c>0000:06:0d.0</c>; holds no zero character.</param>
    /// <returns>The device's descriptor; ENODEV when the group has no such device.</returns>
    public static SysResult GroupGetDeviceFd(IDevices devices, int group, string name)
    {
        var text = new byte[Encoding.UTF8.GetByteCount(name) + 1];
        Encoding.UTF8.GetBytes(name, text);
        return devices.Ioctl(group, VfioUapi.GroupGetDeviceFd, text);
    }

    /// <summary>VFIO_DEVICE_GET_INFO, without its capabilities.</summary>
    public static SysResult<VfioUapi.DeviceInfo> DeviceGetInfo(IDevices devices, int device)
    {
        var info = new VfioUapi.DeviceInfo { ArgumentSize = AbiBytes.SizeOf<VfioUapi.DeviceInfo>() };
        var answer = devices.Ioctl(device, VfioUapi.DeviceGetInfo, AbiBytes.Of(ref info));
        return answer.IsOk ? info : answer.Errno;
    }

    /// <summary>VFIO_DEVICE_GET_REGION_INFO, with its capabilities.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="device">The device's descriptor.</param>
    /// <param name="index">Which region.</param>
    /// <returns>The whole answer: <see cref="VfioUapi.RegionInfo"/>, then the capabilities.</returns>
    public static SysResult<byte[]> DeviceGetRegionInfo(IDevices devices, int device, uint index)
    {
        var start = new VfioUapi.RegionInfo { Index = index };
        return AskUntilItFits(devices, device, VfioUapi.DeviceGetRegionInfo, AbiBytes.Of(ref start), FirstRegionAnswer);
    }

    /// <summary>VFIO_DEVICE_RESET.</summary>
    /// <returns>EINVAL or ENOTTY from devices that cannot be reset.</returns>
    public static SysResult DeviceReset(IDevices devices, int device) => devices.Ioctl(device, VfioUapi.DeviceResetRequest, 0);

    /// <summary>VFIO_IOMMU_GET_INFO, with its capabilities.</summary>
    /// <returns>
    /// The whole answer: <see cref="VfioUapi.Type1Info"/>, then the capabilities. EMSGSIZE when the answer grows without end;
    /// EINVAL from a container without a backend.
    /// </returns>
    // QEMU: offers the bare struct first, then what the kernel says it needs.
    public static SysResult<byte[]> IommuGetInfo(IDevices devices, int container) =>
        AskUntilItFits(devices, container, VfioUapi.IommuGetInfo, default, (int)AbiBytes.SizeOf<VfioUapi.Type1Info>());

    /// <summary>VFIO_IOMMU_MAP_DMA: all of the range or nothing. Allocates nothing.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="range">IOVAs; multiples of the smallest page.</param>
    /// <param name="address">Process address of the first byte.</param>
    /// <param name="access">What devices may do.</param>
    /// <returns>EOVERFLOW without a call for a range of 2^64 bytes, which the struct cannot say.</returns>
    public static SysResult IommuMapDma(IDevices devices, int container, IovaRange range, HostAddress address, DmaAccess access) =>
        Map(devices, container, (uint)access, range, address);

    /// <summary>VFIO_IOMMU_UNMAP_DMA of a range. Allocates nothing.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="range">IOVAs; multiples of the smallest page.</param>
    /// <param name="unmapped">Bytes that were unmapped, which may be 0 on success; 0 on failure.</param>
    /// <returns>EOVERFLOW without a call for a range of 2^64 bytes, which the struct cannot say.</returns>
    public static SysResult IommuUnmapDma(IDevices devices, int container, IovaRange range, out ulong unmapped)
    {
        if (range.Length > ulong.MaxValue)
        {
            unmapped = 0;
            return Errno.EOVERFLOW;
        }

        return Unmap(devices, container, flags: 0, range.Start.Value, (ulong)range.Length, out unmapped);
    }

    /// <summary>VFIO_IOMMU_UNMAP_DMA of everything, where <see cref="VfioUapi.UnmapAll"/> is an extension of the container.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="container">The container's descriptor.</param>
    /// <param name="unmapped">Bytes that were unmapped; 0 on failure.</param>
    public static SysResult IommuUnmapAll(IDevices devices, int container, out ulong unmapped) =>
        Unmap(devices, container, VfioUapi.UnmapFlagAll, iova: 0, size: 0, out unmapped);

    private static SysResult Map(IDevices devices, int container, uint flags, IovaRange range, HostAddress address)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var map = new VfioUapi.DmaMap
        {
            ArgumentSize = AbiBytes.SizeOf<VfioUapi.DmaMap>(),
            Flags = flags,
            HostAddress = address.Value,
            Iova = range.Start.Value,
            Size = (ulong)range.Length,
        };
        return devices.Ioctl(container, VfioUapi.IommuMapDma, AbiBytes.Of(ref map));
    }

    private static SysResult Unmap(IDevices devices, int container, uint flags, ulong iova, ulong size, out ulong unmapped)
    {
        var unmap = new VfioUapi.DmaUnmap { ArgumentSize = AbiBytes.SizeOf<VfioUapi.DmaUnmap>(), Flags = flags, Iova = iova, Size = size };
        var answer = devices.Ioctl(container, VfioUapi.IommuUnmapDma, AbiBytes.Of(ref unmap));

        // KERNEL: type1 leaves the struct alone on an error, so its size says nothing then.
        unmapped = answer.IsOk ? unmap.Size : 0;
        return answer;
    }

    /// <summary>
    /// Asks with a buffer that grows to what the kernel says it needs. A short buffer is no error to the kernel: it writes the
    /// needed size into argsz and leaves the capabilities out.
    /// </summary>
    private static SysResult<byte[]> AskUntilItFits(IDevices devices, int descriptor, IoctlCode request, ReadOnlySpan<byte> start, int size)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var answer = new byte[size];
            start.CopyTo(answer);
            MemoryMarshal.Write(answer, (uint)size);
            var result = devices.Ioctl(descriptor, request, answer);
            if (!result.IsOk)
            {
                return result.Errno;
            }

            var needed = MemoryMarshal.Read<uint>(answer);
            if (needed <= size)
            {
                return answer;
            }

            if (needed > LargestAnswer)
            {
                break;
            }

            size = (int)needed;
        }

        return Errno.EMSGSIZE;
    }
}
