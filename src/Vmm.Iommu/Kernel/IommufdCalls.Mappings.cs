using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <content>Mappings of an IOAS. None of these allocates.</content>
public static partial class IommufdCalls
{
    /// <summary>IOMMU_IOAS_MAP at a fixed IOVA: all of the range or nothing.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="range">IOVAs; multiples of the IOAS's alignment.</param>
    /// <param name="address">Process address of the first byte.</param>
    /// <param name="access">What devices may do.</param>
    /// <returns>
    /// EEXIST over a mapping, EINVAL in a reserved range, ENOMEM, EFAULT. EOVERFLOW without a call for a range of 2^64 bytes.
    /// KERNEL: without a page table nothing is pinned, so a bad address shows when the first device comes.
    /// </returns>
    public static SysResult IoasMap(IDevices devices, int iommufd, uint ioas, IovaRange range, HostAddress address, DmaAccess access)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var map = new IommufdUapi.IoasMapArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.IoasMapArguments>(),
            Flags = FlagsOf(access),
            IoasId = ioas,
            HostAddress = address.Value,
            Length = (ulong)range.Length,
            Iova = range.Start.Value,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.IoasMap, AbiBytes.Of(ref map));
        return IsElsewhere(answer, map.Iova, range.Start) ? Errno.EPROTO : answer;
    }

    /// <summary>IOMMU_IOAS_MAP_FILE at a fixed IOVA: pages of a memfd, of a hugetlbfs file or of a device's dma-buf.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="range">IOVAs; multiples of the IOAS's alignment.</param>
    /// <param name="file">Descriptor of the file.</param>
    /// <param name="start">Offset in the file, in bytes.</param>
    /// <param name="access">What devices may do.</param>
    /// <returns>As <see cref="IoasMap"/>; EINVAL also for a file of another kind, EOPNOTSUPP and ENODEV from dma-bufs.</returns>
    public static SysResult IoasMapFile(
        IDevices devices, int iommufd, uint ioas, IovaRange range, int file, ulong start, DmaAccess access)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var map = new IommufdUapi.IoasMapFileArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.IoasMapFileArguments>(),
            Flags = FlagsOf(access),
            IoasId = ioas,
            File = file,
            Start = start,
            Length = (ulong)range.Length,
            Iova = range.Start.Value,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.IoasMapFile, AbiBytes.Of(ref map));
        return IsElsewhere(answer, map.Iova, range.Start) ? Errno.EPROTO : answer;
    }

    /// <summary>IOMMU_IOAS_COPY: maps in one IOAS what another maps; the pages are neither pinned nor charged twice.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="source">Id of the IOAS that has the mappings.</param>
    /// <param name="range">IOVAs in the source; wholly mapped, may begin and end inside mappings.</param>
    /// <param name="target">Id of the IOAS that gets them, one for each of the source.</param>
    /// <param name="at">First IOVA in the target.</param>
    /// <param name="access">What devices may do there.</param>
    /// <returns>ENOENT where the source has a hole, EEXIST over a mapping of the target, EPERM to write what is mapped read-only.</returns>
    public static SysResult IoasCopy(
        IDevices devices, int iommufd, uint source, IovaRange range, uint target, Iova at, DmaAccess access)
    {
        if (range.Length > ulong.MaxValue)
        {
            return Errno.EOVERFLOW;
        }

        var copy = new IommufdUapi.IoasCopyArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.IoasCopyArguments>(),
            Flags = FlagsOf(access),
            TargetIoasId = target,
            SourceIoasId = source,
            Length = (ulong)range.Length,
            TargetIova = at.Value,
            SourceIova = range.Start.Value,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.IoasCopy, AbiBytes.Of(ref copy));
        return IsElsewhere(answer, copy.TargetIova, at) ? Errno.EPROTO : answer;
    }

    /// <summary>IOMMU_IOAS_UNMAP of a range.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="range">IOVAs, not all of them: that is <see cref="IoasUnmapAll"/>.</param>
    /// <param name="unmapped">Bytes that were unmapped; 0 on failure.</param>
    /// <returns>
    /// ENOENT where nothing is mapped, and where a mapping would be cut: KERNEL: then those to its left are gone.
    /// EOVERFLOW without a call for a range that the struct cannot say.
    /// </returns>
    public static SysResult IoasUnmap(IDevices devices, int iommufd, uint ioas, IovaRange range, out ulong unmapped)
    {
        if (range.Length >= ulong.MaxValue)
        {
            unmapped = 0;
            return Errno.EOVERFLOW;
        }

        return Unmap(devices, iommufd, ioas, range.Start.Value, (ulong)range.Length, out unmapped);
    }

    /// <summary>IOMMU_IOAS_UNMAP of everything; a success also where nothing is mapped.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="unmapped">Bytes that were unmapped; 0 on failure.</param>
    public static SysResult IoasUnmapAll(IDevices devices, int iommufd, uint ioas, out ulong unmapped) =>
        Unmap(devices, iommufd, ioas, iova: 0, ulong.MaxValue, out unmapped);

    private static SysResult Unmap(IDevices devices, int iommufd, uint ioas, ulong iova, ulong length, out ulong unmapped)
    {
        var unmap = new IommufdUapi.IoasUnmapArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.IoasUnmapArguments>(),
            IoasId = ioas,
            Iova = iova,
            Length = length,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.IoasUnmap, AbiBytes.Of(ref unmap));

        // KERNEL: a failure leaves the length alone, so it says nothing then.
        unmapped = answer.IsOk ? unmap.Length : 0;
        return answer;
    }

    /// <summary>A fixed IOVA is written back unchanged; a kernel that writes another one has mapped somewhere else.</summary>
    private static bool IsElsewhere(SysResult answer, ulong iova, Iova wanted) => answer.IsOk && iova != wanted.Value;

    private static uint FlagsOf(DmaAccess access) => IommufdUapi.MapFixedIova
        | (access.HasFlag(DmaAccess.Read) ? IommufdUapi.MapReadable : 0)
        | (access.HasFlag(DmaAccess.Write) ? IommufdUapi.MapWriteable : 0);
}
