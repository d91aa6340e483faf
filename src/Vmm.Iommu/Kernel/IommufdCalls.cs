using System.Runtime.InteropServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// One method an ioctl of /dev/iommu: a value goes in, a result with the kernel's errno comes out. No method throws, retries (short
/// answer buffers aside) or remembers anything. An id names an object of that one open file, is at least 1, and may be given out
/// again as soon as the object is destroyed.
/// </summary>
public static partial class IommufdCalls
{
    /// <summary>Offset of the pointer in the structs that carry an array of ranges.</summary>
    private const int RangesPointer = 16;

    /// <summary>IOVA ranges that an answer may have; a host has a handful.</summary>
    private const uint MostRanges = 1 << 16;

    /// <summary>How often a grown answer is asked for again; it may grow between two calls while devices come.</summary>
    private const int MostRounds = 8;

    /// <summary>IOMMU_DESTROY.</summary>
    /// <returns>ENOENT for an unknown id, EBUSY while another object uses it.</returns>
    public static SysResult Destroy(IDevices devices, int iommufd, uint id)
    {
        var destroy = new IommufdUapi.DestroyArguments { Size = AbiBytes.SizeOf<IommufdUapi.DestroyArguments>(), Id = id };
        return devices.Ioctl(iommufd, IommufdUapi.Destroy, AbiBytes.Of(ref destroy));
    }

    /// <summary>IOMMU_IOAS_ALLOC.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the new IOAS. After a failure what the kernel wrote: 0, unless the call failed after its effect.</param>
    public static SysResult IoasAlloc(IDevices devices, int iommufd, out uint ioas)
    {
        var alloc = new IommufdUapi.IoasAllocArguments { Size = AbiBytes.SizeOf<IommufdUapi.IoasAllocArguments>() };
        var answer = devices.Ioctl(iommufd, IommufdUapi.IoasAlloc, AbiBytes.Of(ref alloc));
        ioas = alloc.IoasId;
        return answer.IsOk && ioas == 0 ? Errno.EPROTO : answer;
    }

    /// <summary>IOMMU_IOAS_IOVA_RANGES, with an array that grows to what the kernel says it needs.</summary>
    /// <returns>
    /// EPROTO where the kernel contradicts itself or claims a count that cannot be; EMSGSIZE when the answer grows without end.
    /// </returns>
    // QEMU: asks with no array first, then with one of the size that it was told.
    public static SysResult<IoasIovas> IoasIovaRanges(IDevices devices, int iommufd, uint ioas)
    {
        var ranges = Array.Empty<IommufdUapi.IovaRangeEntry>();
        for (var round = 0; round < MostRounds; round++)
        {
            var ask = new IommufdUapi.IoasIovaRangesArguments
            {
                Size = AbiBytes.SizeOf<IommufdUapi.IoasIovaRangesArguments>(),
                IoasId = ioas,
                Count = (uint)ranges.Length,
            };
            var answer = devices.Ioctl(
                iommufd, IommufdUapi.IoasIovaRanges, AbiBytes.Of(ref ask), RangesPointer, MemoryMarshal.AsBytes(ranges.AsSpan()));
            if (answer.IsOk && ask.Count <= ranges.Length)
            {
                return new IoasIovas(ask.Alignment, ranges[..(int)ask.Count]);
            }

            if (!answer.IsOk && answer.Errno != Errno.EMSGSIZE)
            {
                return answer.Errno;
            }

            if (answer.IsOk || ask.Count <= ranges.Length || ask.Count > MostRanges)
            {
                return Errno.EPROTO;
            }

            ranges = new IommufdUapi.IovaRangeEntry[ask.Count];
        }

        return Errno.EMSGSIZE;
    }

    /// <summary>IOMMU_IOAS_ALLOW_IOVAS: no device may come that reserves any of these; replaces the list before.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Id of the IOAS.</param>
    /// <param name="ranges">Disjoint, each of two bytes or more; none lifts the promise.</param>
    /// <returns>EADDRINUSE where one is reserved now: the list before stays.</returns>
    public static SysResult IoasAllowIovas(IDevices devices, int iommufd, uint ioas, IReadOnlyCollection<IovaRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var allow = new IommufdUapi.IoasAllowIovasArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.IoasAllowIovasArguments>(),
            IoasId = ioas,
            Count = (uint)ranges.Count,
        };
        var entries = ranges
            .Select(range => new IommufdUapi.IovaRangeEntry { Start = range.Start.Value, Last = range.Last.Value })
            .ToArray();
        return devices.Ioctl(
            iommufd, IommufdUapi.IoasAllowIovas, AbiBytes.Of(ref allow), RangesPointer, MemoryMarshal.AsBytes(entries.AsSpan()));
    }

    /// <summary>IOMMU_OPTION: reads an option.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="option"><see cref="IommufdUapi.OptionRlimitMode"/> or <see cref="IommufdUapi.OptionHugePages"/>.</param>
    /// <param name="id">Id of the object; 0 is the context.</param>
    /// <param name="value">The value; 0 on failure.</param>
    public static SysResult GetOption(IDevices devices, int iommufd, uint option, uint id, out ulong value)
    {
        var ask = OptionOf(option, IommufdUapi.OptionGet, id, 0);
        var answer = devices.Ioctl(iommufd, IommufdUapi.Option, AbiBytes.Of(ref ask));
        value = answer.IsOk ? ask.Value : 0;
        return answer;
    }

    /// <summary>IOMMU_OPTION: sets an option. KERNEL: the mode of locked memory can be set only before the context has any object.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="option"><see cref="IommufdUapi.OptionRlimitMode"/> or <see cref="IommufdUapi.OptionHugePages"/>.</param>
    /// <param name="id">Id of the object; 0 is the context.</param>
    /// <param name="value">The value.</param>
    public static SysResult SetOption(IDevices devices, int iommufd, uint option, uint id, ulong value)
    {
        var set = OptionOf(option, IommufdUapi.OptionSet, id, value);
        return devices.Ioctl(iommufd, IommufdUapi.Option, AbiBytes.Of(ref set));
    }

    /// <summary>IOMMU_VFIO_IOAS: the IOAS behind the context's type1 calls.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Its id; 0 on failure.</param>
    /// <returns>ENODEV when there is none.</returns>
    public static SysResult GetVfioIoas(IDevices devices, int iommufd, out uint ioas)
    {
        var answer = VfioIoas(devices, iommufd, IommufdUapi.VfioIoasGet, 0, out ioas);
        ioas = answer.IsOk ? ioas : 0;
        return answer;
    }

    /// <summary>IOMMU_VFIO_IOAS: puts an IOAS behind the context's type1 calls, or none.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="iommufd">Descriptor of /dev/iommu.</param>
    /// <param name="ioas">Its id; null for none.</param>
    public static SysResult SetVfioIoas(IDevices devices, int iommufd, uint? ioas) =>
        VfioIoas(devices, iommufd, ioas is null ? IommufdUapi.VfioIoasClear : IommufdUapi.VfioIoasSet, ioas ?? 0, out _);

    /// <summary>IOMMU_IOAS_CHANGE_PROCESS: all mappings are charged to the calling process from now on.</summary>
    /// <returns>EINVAL with any mapping by process address; ENOMEM over the limit; ENOTTY from older kernels.</returns>
    public static SysResult IoasChangeProcess(IDevices devices, int iommufd)
    {
        var change = new IommufdUapi.IoasChangeProcessArguments { Size = AbiBytes.SizeOf<IommufdUapi.IoasChangeProcessArguments>() };
        return devices.Ioctl(iommufd, IommufdUapi.IoasChangeProcess, AbiBytes.Of(ref change));
    }

    private static IommufdUapi.OptionArguments OptionOf(uint option, ushort operation, uint id, ulong value) => new()
    {
        Size = AbiBytes.SizeOf<IommufdUapi.OptionArguments>(),
        OptionId = option,
        Operation = operation,
        ObjectId = id,
        Value = value,
    };

    private static SysResult VfioIoas(IDevices devices, int iommufd, ushort operation, uint given, out uint ioas)
    {
        var argument = new IommufdUapi.VfioIoasArguments
        {
            Size = AbiBytes.SizeOf<IommufdUapi.VfioIoasArguments>(),
            IoasId = given,
            Operation = operation,
        };
        var answer = devices.Ioctl(iommufd, IommufdUapi.VfioIoas, AbiBytes.Of(ref argument));
        ioas = argument.IoasId;
        return answer;
    }
}
