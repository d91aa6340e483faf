using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>The search for a layout: what stays, what moves, and where to.</summary>
internal sealed class LayoutSearch
{
    private const ulong FourGiB = 1UL << 32;
    private const ulong GiB = 1UL << 30;
    private const ulong TwoMiB = 1UL << 21;
    private const ulong Page = 0x1000;

    private readonly FlatView _view;
    private readonly ValidIovaRanges _reach;
    private readonly Dictionary<MemorySection, DmaSection> _ram = new(ReferenceEqualityComparer.Instance);
    private readonly ValidIovaRanges _holes;

    public LayoutSearch(FlatView view, SectionFilter filter, ValidIovaRanges reach)
    {
        (_view, _reach) = (view, reach);
        _holes = reach.Complement();
        foreach (var section in view)
        {
            if (!section.IsSkippable && filter.TryFilter(section, out var dma))
            {
                _ram.Add(section, dma);
            }
        }
    }

    public LayoutProposal Find()
    {
        var stuck = _view.Where(IsInTheWay).ToList();
        if (stuck.Count == 0)
        {
            return new(_view, [], WhyNone: null);
        }

        if (stuck.FirstOrDefault(section => section.ReadOnly) is { } rom)
        {
            return None($"{rom.Name} at {rom.Range} is ROM, whose place the machine fixes");
        }

        return AsRuns() ?? AsLost() ?? None(
            $"{_ram.Values.Aggregate(UInt128.Zero, (sum, section) => sum + InHoles(section.Range))} bytes of RAM lie where nothing can be mapped, and above 4 GiB "
            + $"{Free(_view.Select(section => section.Range)).Aggregate(UInt128.Zero, (sum, window) => sum + window.Length)} bytes are within reach and empty");

        static LayoutProposal None(string why) => new(View: null, [], why);
    }

    private bool IsInTheWay(MemorySection section) => _ram.TryGetValue(section, out var dma) && !_reach.Contains(dma.Range);

    private bool IsMovable(MemorySection section) => !section.ReadOnly && _ram.ContainsKey(section);

    /// <summary>The rest of each region in as few pieces as there are gaps in it, all above 4 GiB.</summary>
    private LayoutProposal? AsRuns()
    {
        var (stay, go) = (new List<MemorySection>(), new List<MemorySection>());
        var regions = _view.Where(IsInTheWay).Select(section => section.Block).ToHashSet();
        foreach (var section in _view)
        {
            if (!IsMovable(section) || !regions.Contains(section.Block))
            {
                stay.Add(section);
            }
            else if (section.Range.Start.Value >= FourGiB)
            {
                go.Add(section);
            }
            else
            {
                Split(section, IsInTheWay(section) ? Kept(section) : section.Range, stay, go);
            }
        }

        var layout = new LayoutFilling(Free(stay.Select(section => section.Range)));
        return layout.TryPlaceWhole(go, [GiB, TwoMiB, Page]) ? layout.Proposal(stay) : null;
    }

    /// <summary>Nothing but what lies in the way, in whatever pieces there is room for.</summary>
    private LayoutProposal? AsLost()
    {
        var (stay, go) = (new List<MemorySection>(), new List<MemorySection>());
        foreach (var section in _view)
        {
            if (!IsInTheWay(section))
            {
                stay.Add(section);
                continue;
            }

            var carving = Carving.Of(section.Range, _holes, PageSizes.FourKiB);
            stay.AddRange(carving.Pieces.Select(piece => PartOf(section, piece)));
            go.AddRange(carving.Lost.Select(piece => PartOf(section, piece)));
        }

        var layout = new LayoutFilling(Free(_view.Select(section => section.Range)));
        return layout.TryPlaceInPieces(go, Page) ? layout.Proposal(stay) : null;
    }

    /// <summary>What a section in the way keeps: up to the first hole where that is much, else the largest piece between holes; null for nothing.</summary>
    private IovaRange? Kept(MemorySection section)
    {
        var pieces = Carving.Of(section.Range, _holes, PageSizes.FourKiB).Pieces
            .Select(piece => Rounded(piece, section.Range))
            .OfType<IovaRange>()
            .ToList();
        return pieces is [var first, ..] && first.Start == section.Range.Start && first.Length >= TwoMiB
            ? first
            : pieces.OrderByDescending(piece => piece.Length).Select(piece => (IovaRange?)piece).FirstOrDefault();
    }

    /// <summary>A piece whose cut ends are moved inwards to a large page; null where nothing is left.</summary>
    private static IovaRange? Rounded(IovaRange piece, IovaRange whole)
    {
        foreach (var align in (ulong[])[GiB, TwoMiB, Page])
        {
            var start = piece.Start == whole.Start ? piece.Start.Value : ((UInt128)piece.Start.Value + (align - 1)) & ~(UInt128)(align - 1);
            var end = piece.Last == whole.Last ? (UInt128)piece.Last.Value + 1 : ((UInt128)piece.Last.Value + 1) & ~(UInt128)(align - 1);
            if (start < end)
            {
                return IovaRange.FromBounds((ulong)start, (ulong)(end - 1));
            }
        }

        return null;
    }

    private static void Split(MemorySection section, IovaRange? kept, List<MemorySection> stay, List<MemorySection> go)
    {
        if (kept is not { } keep)
        {
            go.Add(section);
            return;
        }

        if (keep == section.Range)
        {
            stay.Add(section);
            return;
        }

        stay.Add(PartOf(section, keep));
        go.AddRange(new ValidIovaRanges([section.Range]).Without(keep).Select(piece => PartOf(section, piece)));
    }

    private static MemorySection PartOf(MemorySection section, IovaRange piece)
    {
        var into = piece.Start.Value - section.Range.Start.Value;
        return section with { Range = piece, OffsetInRegion = section.OffsetInRegion + into, OffsetInBlock = section.OffsetInBlock + into };
    }

    /// <summary>Where RAM may be put: within reach, above 4 GiB, below the addresses that BARs take while they are sized, in whole pages that show nothing.</summary>
    private ValidIovaRanges Free(IEnumerable<IovaRange> taken)
    {
        var pages = taken.Concat(_holes).Select(range => IovaRange.FromBounds(range.Start.Value & ~(Page - 1), range.Last.Value | (Page - 1)));
        return new ValidIovaRanges(pages).Complement().Intersect(new([IovaRange.FromBounds(FourGiB, (1UL << 63) - 1)]));
    }

    private UInt128 InHoles(IovaRange range) =>
        new ValidIovaRanges([range]).Intersect(_holes).Aggregate(UInt128.Zero, (sum, hole) => sum + hole.Length);
}
