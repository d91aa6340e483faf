using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <content>Page tables, and the IOMMU behind a device.</content>
public static partial class IommufdCalls
{
    private const int HwDataPointer = 16;
    private const int DirtyDataPointer = 40;
    private const int HwptDataPointer = 32;

    /// <summary>Bytes offered at first for what the IOMMU's driver says: more than any has as yet.</summary>
    private const int FirstHwData = 64;

    /// <summary>Bytes beyond which what a driver says is not believed.</summary>
    private const uint MostHwData = 1 << 16;

    /// <summary>IOMMU_GET_HW_INFO, with a buffer that grows to what the kernel says it has.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="device">Id of a bound device.</param>
    /// <returns>ENOENT for a device without an IOMMU of its own, such as an mdev; EPROTO for a length that cannot be.</returns>
    public static SysResult<HwInfo> GetHwInfo(IDevices devices, int iommufd, uint device)
    {
        var data = new byte[FirstHwData];
        for (var round = 0; round < MostRounds; round++)
        {
            var ask = new IommufdUapi.HwInfoArguments
            {
                Size = AbiBytes.SizeOf<IommufdUapi.HwInfoArguments>(),
                DeviceId = device,
                DataLength = (uint)data.Length,
            };
            var answer = devices.Ioctl(iommufd, IommufdUapi.GetHwInfo, AbiBytes.Of(ref ask), HwDataPointer, data);
            if (!answer.IsOk)
            {
                return answer.Errno;
            }

            if (ask.DataLength <= data.Length)
            {
                return new HwInfo(ask.DataType, ask.Capabilities, ask.MaxPasidLog2, data[..(int)ask.DataLength]);
            }

            if (ask.DataLength > MostHwData)
            {
                break;
            }

            data = new byte[ask.DataLength];
        }

        return Errno.EPROTO;
    }

    /// <summary>IOMMU_HWPT_ALLOC: a page table for a device on an IOAS, with all of the IOAS's mappings in it; attached to nothing yet.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="flags">0, or <see cref="IommufdUapi.HwptDirtyTracking"/> and others.</param>
    /// <param name="device">Id of a bound device.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="table">Id of the page table. After a failure what the kernel wrote: 0, unless the call failed after its effect.</param>
    /// <returns>
    /// EADDRINUSE where a mapping lies beyond what the IOMMU can reach, EFAULT and ENOMEM where a mapping cannot be pinned,
    /// EOPNOTSUPP for a flag that the IOMMU lacks, ENOENT for a device without an IOMMU of its own.
    /// </returns>
    public static SysResult HwptAlloc(IDevices devices, int iommufd, uint flags, uint device, uint ioas, out uint table)
    {
        var alloc = new IommufdUapi.HwptAllocArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.HwptAllocArguments>(),
            Flags = flags,
            DeviceId = device,
            ParentId = ioas,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.HwptAlloc, AbiBytes.Of(ref alloc), HwptDataPointer, default);
        table = alloc.HwptId;
        return answer.IsOk && table == 0 ? Errno.EPROTO : answer;
    }

    /// <summary>IOMMU_HWPT_SET_DIRTY_TRACKING. A start forgets what was written before; both may be repeated.</summary>
    /// <returns>EOPNOTSUPP for an IOMMU that cannot.</returns>
    public static SysResult HwptSetDirtyTracking(IDevices devices, int iommufd, uint table, bool isOn)
    {
        var set = new IommufdUapi.SetDirtyTrackingArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.SetDirtyTrackingArguments>(),
            Flags = isOn ? IommufdUapi.DirtyTrackingEnable : 0,
            HwptId = table,
        };
        return devices.Ioctl(iommufd, IommufdUapi.HwptSetDirtyTracking, AbiBytes.Of(ref set));
    }

    /// <summary>IOMMU_HWPT_GET_DIRTY_BITMAP: sets a bit for each page that was written.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="table">Id of the page table.</param>
    /// <param name="flags">0 to forget what is reported, or <see cref="IommufdUapi.DirtyBitmapNoClear"/>.</param>
    /// <param name="range">IOVAs; multiples of the page.</param>
    /// <param name="pageSize">Bytes that a bit stands for.</param>
    /// <param name="bitmap">8 bytes for each 64 pages begun; bits are set, never cleared. The first page is bit 0 of byte 0.</param>
    /// <returns>
    /// EFAULT without a call when the bitmap is too short: the struct does not say its length. EOVERFLOW for a range of 2^64 bytes,
    /// EINVAL for a page of 0. KERNEL: a hole in the range is a success.
    /// </returns>
    public static SysResult HwptGetDirtyBitmap(
        IDevices devices, int iommufd, uint table, uint flags, IovaRange range, ulong pageSize, Span<byte> bitmap)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        if (pageSize == 0)
        {
            return Errno.EINVAL;
        }

        var words = (range.Length + ((UInt128)pageSize * 64) - 1) / ((UInt128)pageSize * 64);
        if (words * sizeof(ulong) > (UInt128)bitmap.Length)
        {
            return Errno.EFAULT;
        }

        var ask = new IommufdUapi.GetDirtyBitmapArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.GetDirtyBitmapArguments>(),
            HwptId = table,
            Flags = flags,
            Iova = range.Start.Value,
            Length = (ulong)range.Length,
            PageSize = pageSize,
        };
        return devices.Ioctl(iommufd, IommufdUapi.HwptGetDirtyBitmap, AbiBytes.Of(ref ask), DirtyDataPointer, bitmap);
    }
}
