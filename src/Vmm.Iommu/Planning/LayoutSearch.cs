using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>The search for a layout: what stays, what moves, and where to. What is in nobody's way is not looked at, unless it lies above 4 GiB.</summary>
internal sealed class LayoutSearch
{
    private const ulong FourGiB = 1UL << 32;
    private const ulong GiB = 1UL << 30;
    private const ulong TwoMiB = 1UL << 21;
    private const ulong Page = 0x1000;

    private static readonly ValidIovaRanges AboveFourGiB = new([IovaRange.FromBounds(FourGiB, (1UL << 63) - 1)]);

    private readonly FlatView _view;
    private readonly IReadOnlyList<DmaSection> _sections;
    private readonly ValidIovaRanges _holes;

    /// <summary>RAM that lies in a hole, ascending, as devices see it.</summary>
    private readonly List<DmaSection> _inTheWay;

    /// <summary>The same as the view shows it.</summary>
    private readonly List<MemorySection> _stuck;

    public LayoutSearch(FlatView view, IReadOnlyList<DmaSection> sections, ValidIovaRanges reach)
    {
        (_view, _sections, _holes) = (view, sections, reach.Complement());
        _inTheWay =
        [
            .. _holes.SelectMany(hole => SectionLookup.Overlapping(sections, hole))
                .Where(section => !section.IsSkippable)
                .Distinct<DmaSection>(ReferenceEqualityComparer.Instance),
        ];
        _stuck = [.. _inTheWay.Select(section => view.From(section.Range.Start).First())];
    }

    public LayoutProposal Find()
    {
        if (_stuck.Count == 0)
        {
            return new(_view, [], WhyNone: null);
        }

        if (_stuck.Find(section => section.ReadOnly) is { } rom)
        {
            return None($"{rom.Name} at {rom.Range} is ROM, whose place the machine fixes");
        }

        return AsRuns() ?? AsLost() ?? None(
            $"{_inTheWay.Aggregate(UInt128.Zero, (sum, section) => sum + InHoles(section.Range))} bytes of RAM lie where nothing can be mapped, and above 4 GiB "
            + $"{Free(_view.From(new(FourGiB))).Aggregate(UInt128.Zero, (sum, window) => sum + window.Length)} bytes are within reach and empty");

        static LayoutProposal None(string why) => new(View: null, [], why);
    }

    /// <summary>The rest of each region in as few pieces as there are gaps in it, all above 4 GiB.</summary>
    private LayoutProposal? AsRuns()
    {
        var blocks = _stuck.Select(section => section.Block).ToHashSet();
        MemorySection[] gone =
        [
            .. _stuck.Where(section => !IsAboveFourGiB(section)),
            .. _view.From(new(FourGiB)).Where(section => IsAboveFourGiB(section) && blocks.Contains(section.Block) && IsMovable(section)),
        ];
        var (stay, go) = (new List<MemorySection>(), new List<MemorySection>());
        foreach (var section in gone)
        {
            Split(section, IsAboveFourGiB(section) ? null : Kept(section), stay, go);
        }

        var leaving = gone.ToHashSet<MemorySection>(ReferenceEqualityComparer.Instance);
        var layout = new LayoutFilling(Free(stay.Concat(_view.From(new(FourGiB)).Where(section => !leaving.Contains(section)))));
        return layout.TryPlaceWhole(go, [GiB, TwoMiB, Page]) ? layout.Proposal(_view, leaving, stay) : null;
    }

    /// <summary>Nothing but what lies in the way, in whatever pieces there is room for.</summary>
    private LayoutProposal? AsLost()
    {
        var (stay, go) = (new List<MemorySection>(), new List<MemorySection>());
        foreach (var section in _stuck)
        {
            var carving = Carving.Of(section.Range, _holes, PageSizes.FourKiB);
            stay.AddRange(carving.Pieces.Select(piece => PartOf(section, piece)));
            go.AddRange(carving.Lost.Select(piece => PartOf(section, piece)));
        }

        var layout = new LayoutFilling(Free(_view.From(new(FourGiB))));
        return layout.TryPlaceInPieces(go, Page)
            ? layout.Proposal(_view, _stuck.ToHashSet<MemorySection>(ReferenceEqualityComparer.Instance), stay)
            : null;
    }

    private static bool IsAboveFourGiB(MemorySection section) => section.Range.Start.Value >= FourGiB;

    /// <summary>True for RAM that devices see and may write.</summary>
    private bool IsMovable(MemorySection section) =>
        !section.ReadOnly && SectionLookup.First(_sections, section.Range) is { IsSkippable: false };

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

        stay.Add(PartOf(section, keep));
        go.AddRange(new ValidIovaRanges([section.Range]).Without(keep).Select(piece => PartOf(section, piece)));
    }

    private static MemorySection PartOf(MemorySection section, IovaRange piece)
    {
        var into = piece.Start.Value - section.Range.Start.Value;
        return section with { Range = piece, OffsetInRegion = section.OffsetInRegion + into, OffsetInBlock = section.OffsetInBlock + into };
    }

    /// <summary>Where RAM may be put: within reach, above 4 GiB, below the addresses that BARs take while they are sized, in whole pages that show nothing.</summary>
    /// <param name="taken">What is shown at 4 GiB or above; what lies below does not matter.</param>
    private ValidIovaRanges Free(IEnumerable<MemorySection> taken) =>
        OutsidePagesOf(taken.Select(section => section.Range)).Intersect(OutsidePagesOf(_holes).Intersect(AboveFourGiB));

    private static ValidIovaRanges OutsidePagesOf(IEnumerable<IovaRange> ranges) =>
        new ValidIovaRanges(ranges.Select(range => IovaRange.FromBounds(range.Start.Value & ~(Page - 1), range.Last.Value | (Page - 1)))).Complement();

    private UInt128 InHoles(IovaRange range) =>
        new ValidIovaRanges([range]).Intersect(_holes).Aggregate(UInt128.Zero, (sum, hole) => sum + hole.Length);
}
