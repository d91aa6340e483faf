using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <content>Maps and unmaps that a guest asks for, in the windows that are its own.</content>
public sealed partial class ContainerTurn
{
    // The last hundredth of the entries: a guest that uses up all it may leaves enough for views.
    private const uint PartKeptForViews = 100;

    private uint _keptForViews;

    /// <summary>
    /// Where a vIOMMU maps, one mapping at a time: the IOMMU sections in force. Hot maps and unmaps are refused outside, and no
    /// view maps inside. None at first.
    /// </summary>
    public ValidIovaRanges HotWindows { get; private set; } = new([]);

    /// <summary>
    /// Changes the hot windows. From here on no hot map can come into what is hot no longer; what lies there is unmapped, and may
    /// then be used by the view.
    /// </summary>
    /// <param name="windows">All of them, in place of those before.</param>
    /// <returns>What was unmapped; a mapping whose unmap failed stays, Dying.</returns>
    public UnmapReport SetHotWindows(ValidIovaRanges windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        var left = HotWindows.Intersect(windows.Complement());
        HotWindows = windows;
        return left.Select(UnmapHot).Aggregate(default(UnmapReport), (all, report) => all.And(report));
    }

    /// <summary>In one call; where that fails, mapping by mapping. A mapping that only begins or ends in the range goes as a whole.</summary>
    private UnmapReport UnmapHot(IovaRange range)
    {
        if (KernelDecides)
        {
            return UnmapHotWhole(range);
        }

        var first = Table.TryFind(range.Start, out var cut) ? cut.Range.Start : range.Start;
        range = new IovaRange(first, Table.TryFind(range.Last, out cut) ? cut.Range.Last : range.Last);
        var (mappings, bytes) = (Table.Count, Table.Bytes);
        return Table.Overlaps(range) && Unmap(range, isLastWord: false).IsOk
            ? new UnmapReport(mappings - Table.Count, bytes - Table.Bytes, Failed: 0, MapResult.Ok)
            : UnmapWithin(range);
    }

    /// <summary>QEMU: one call whatever is there, two where the length is 2^64; a failure is said and nothing more is tried.</summary>
    private UnmapReport UnmapHotWhole(IovaRange range)
    {
        var (mappings, bytes) = (Table.Count, Table.Bytes);
        var result = Unmap(range == IovaRange.All ? IovaRange.LowerHalf : range);
        var upper = range == IovaRange.All ? Unmap(IovaRange.UpperHalf) : MapResult.Ok;
        result = result.IsOk ? upper : result;
        return new UnmapReport(mappings - Table.Count, bytes - Table.Bytes, result.IsOk ? 0 : 1, result);
    }

    /// <summary>Executes a hot request. Allocates nothing but room in the table.</summary>
    internal MapResult Execute(in HotRequest request)
    {
        if (_isClosed || (request.Kind == HotKind.Map && IsEnding))
        {
            return MapResult.Of(MapStatus.Closed);
        }

        if (request.Generation != 0 && request.Generation != _snapshot.Generation)
        {
            return MapResult.Of(MapStatus.Stale);
        }

        return request.Kind switch
        {
            HotKind.Map => MapHot(request),
            HotKind.Unmap => HotWindows.Contains(request.Range) ? Unmap(request.Range, isLastWord: !request.IsTogether) : MapResult.Of(MapStatus.NotHot),
            _ => ClearHot(request),
        };
    }

    /// <summary>True when what goes before this request and what follows it may be done with it: an unmap that has an answer of its own may not.</summary>
    internal bool MayBeDoneTogether(in HotRequest request) => request.Kind switch
    {
        HotKind.Map => request.MayMerge,
        HotKind.Unmap => !_isClosed && HotWindows.Contains(request.Range) && Table.TryFirstOverlap(request.Range, out var first)
            && (first.Range == request.Range || !Table.IsCutBy(request.Range)),
        _ => false,
    };

    private MapResult MapHot(in HotRequest request)
    {
        if (!HotWindows.Contains(request.Range))
        {
            return MapResult.Of(MapStatus.NotHot);
        }

        if (request.TakesTheSame && IsMapped(request))
        {
            return MapResult.Ok;
        }

        return Map(request.Range, request.Block!, request.Offset, request.Access, isHot: true);
    }

    private bool IsMapped(in HotRequest request) =>
        Table.TryFind(request.Range.Start, out var mapping)
        && mapping.Range == request.Range
        && mapping.State == MappingState.Live
        && mapping.Lease == new RamLease(request.Block!)
        && mapping.Offset == request.Offset
        && mapping.Access == request.Access;

    /// <summary>Unmaps what lies in the hot part of a range; nothing there is no failure.</summary>
    private MapResult ClearHot(in HotRequest request)
    {
        var answer = MapResult.Ok;
        for (var at = 0; at < HotWindows.Count; at++)
        {
            if (!HotWindows[at].TryIntersect(request.Range, out var part) || !Table.Overlaps(part))
            {
                continue;
            }

            var result = Unmap(part, isLastWord: true);
            answer = answer.IsOk ? result : answer;
        }

        return answer;
    }
}
