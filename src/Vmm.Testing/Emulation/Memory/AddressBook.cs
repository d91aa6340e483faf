using Vmm.Iommu.Addressing;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Memory;

/// <summary>Which process addresses are known, and what they are. What is not in it is a bad address.</summary>
internal sealed class AddressBook
{
    private const ulong PageSize = 0x1000;

    // The map orders any 64-bit ranges; here they are process addresses.
    private readonly IovaRangeMap<AddressRegion> _regions = new();

    /// <summary>Blocks that the process still sees.</summary>
    public int VisibleBlocks => _regions.Where(pair => pair.Value.Block is not null).Select(pair => pair.Value.Block).Distinct().Count();

    /// <summary>What one address is, or null.</summary>
    public AddressRegion? At(ulong address) => _regions.TryFind(new Iova(address), out _, out var region) ? region : null;

    /// <summary>True when every address of the range is known.</summary>
    public bool Knows(IovaRange range)
    {
        UInt128 known = 0;
        foreach (var (found, _) in _regions.Overlapping(range))
        {
            known += found.TryIntersect(range, out var shared) ? shared.Length : 0;
        }

        return known == range.Length;
    }

    /// <summary>What populating a known range answers: the first that is wrong with it.</summary>
    public Errno ErrnoOfPopulating(IovaRange range, bool writable)
    {
        foreach (var (_, region) in _regions.Overlapping(range))
        {
            var errno = region.Kind switch
            {
                AddressKind.Absent => Errno.EFAULT,
                AddressKind.PfnMap => Errno.EINVAL,
                _ => writable && !region.IsWritable ? Errno.EINVAL : Errno.None,
            };
            if (!errno.IsNone)
            {
                return errno;
            }
        }

        return Errno.None;
    }

    /// <summary>Says what a range is, whatever was said of it before.</summary>
    public void Set(IovaRange range, AddressRegion region)
    {
        Forget(range, (_, _) => { });
        _regions.TryAdd(range, region);
    }

    /// <summary>Declares a range; memory that is mapped there stays behind it.</summary>
    public void Declare(IovaRange range, AddressKind kind)
    {
        var blocks = new List<(IovaRange Range, MappedBlock? Block)>();
        Forget(range, (cut, region) => blocks.Add((cut, region.Block)));
        var isWritable = kind is AddressKind.Ram or AddressKind.PfnMap;
        var next = (UInt128)range.Start.Value;
        foreach (var (cut, block) in blocks)
        {
            if (cut.Start.Value > next)
            {
                _regions.TryAdd(IovaRange.FromBounds((ulong)next, cut.Start.Value - 1), new AddressRegion(kind, isWritable, null));
            }

            _regions.TryAdd(cut, new AddressRegion(kind, isWritable && block?.IsWritable != false, block));
            next = (UInt128)cut.Last.Value + 1;
        }

        if (next <= range.Last.Value)
        {
            _regions.TryAdd(IovaRange.FromBounds((ulong)next, range.Last.Value), new AddressRegion(kind, isWritable, null));
        }
    }

    /// <summary>Takes a range out; each part that was known is handed to <paramref name="forgotten"/>, in order.</summary>
    public void Forget(IovaRange range, Action<IovaRange, AddressRegion> forgotten)
    {
        var touched = new List<KeyValuePair<IovaRange, AddressRegion>>();
        foreach (var pair in _regions.Overlapping(range))
        {
            touched.Add(pair);
        }

        foreach (var (whole, region) in touched)
        {
            _regions.Remove(whole.Start);
            if (whole.Start < range.Start)
            {
                _regions.TryAdd(IovaRange.FromBounds(whole.Start.Value, range.Start.Value - 1), region);
            }

            if (whole.Last > range.Last)
            {
                _regions.TryAdd(IovaRange.FromBounds(range.Last.Value + 1, whole.Last.Value), region);
            }

            if (whole.TryIntersect(range, out var cut))
            {
                forgotten(cut, region);
            }
        }
    }

    /// <summary>Pins a range page by page, until it ends or a page cannot be had.</summary>
    /// <param name="address">First address.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="writable">True to pin for writing.</param>
    /// <param name="takesDeviceMemory">True when memory without pages, such as a BAR, will do.</param>
    public PinAttempt Pin(ulong address, ulong length, bool writable, bool takesDeviceMemory = true)
    {
        if (_regions.TryFind(new Iova(address), out var first, out var only) && first.Last.Value - address >= length - 1)
        {
            return CanPin(only, writable, takesDeviceMemory)
                ? new PinAttempt([Pinned(address, length, only)], IsCharged(only) ? length / PageSize : 0, true)
                : new PinAttempt([], 0, false);
        }

        return PinAcross(address, length, writable, takesDeviceMemory);
    }

    private PinAttempt PinAcross(ulong address, ulong length, bool writable, bool takesDeviceMemory)
    {
        var segments = new List<PinnedSegment>();
        var charged = 0UL;
        while (length > 0)
        {
            if (!_regions.TryFind(new Iova(address), out var range, out var region) || !CanPin(region, writable, takesDeviceMemory))
            {
                return new PinAttempt([.. segments], charged, false);
            }

            var run = Math.Min(length, range.Last.Value - address + 1);
            segments.Add(Pinned(address, run, region));
            charged += IsCharged(region) ? run / PageSize : 0;
            address += run;
            length -= run;
        }

        return new PinAttempt([.. segments], charged, true);
    }

    private static PinnedSegment Pinned(ulong address, ulong length, AddressRegion region)
    {
        region.Block?.Pin();
        return new PinnedSegment(address, length, region.Block);
    }

    private static bool CanPin(AddressRegion region, bool writable, bool takesDeviceMemory) =>
        region.Kind != AddressKind.Absent && (region.IsWritable || !writable) && (takesDeviceMemory || region.Kind != AddressKind.PfnMap);

    private static bool IsCharged(AddressRegion region) => region.Kind != AddressKind.PfnMap;
}
