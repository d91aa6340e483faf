using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Planning;

public class LayoutPropertyTests
{
    private const ulong MiB = 1UL << 20;
    private static readonly RamBlock[] Blocks = [Tables.Block("pc.ram"), Tables.Block("dimm", 0x1000_0000_0000)];

    /// <summary>Places from 0 to 8 GiB; every fourth length is none of whole pages.</summary>
    private static readonly Gen<IovaRange> Places =
        from start in Gen.Choose(0, 8191)
        from length in Gen.Choose(1, 3000)
        from odd in Gen.Frequency((3, Gen.Constant(0UL)), (1, Gen.Constant(0x800UL)))
        select IovaRange.FromLength((ulong)start * MiB, ((ulong)length * MiB) + odd);

    private static readonly Gen<IovaRange> Holes =
        from start in Gen.Choose(0, 8191)
        from inner in Gen.Elements(0UL, 0x1000UL, 0x1800UL, 0x8_0000UL)
        from length in Gen.Elements(1UL, 0x1000UL, MiB, 300 * MiB, 3000 * MiB)
        select IovaRange.FromLength(((ulong)start * MiB) + inner, length);

    private static readonly Gen<ValidIovaRanges> Reaches =
        from count in Gen.Choose(0, 5)
        from holes in Holes.ArrayOf(count)
        from top in Gen.Elements(ulong.MaxValue, (1UL << 39) - 1, (10UL << 30) - 1)
        select holes.Aggregate(new ValidIovaRanges([IovaRange.FromBounds(0, top)]), (left, hole) => left.Without(hole));

    private static readonly Gen<FlatView> Views =
        from count in Gen.Choose(1, 6)
        from places in Places.ArrayOf(count)
        from kinds in Gen.Frequency((6, Gen.Constant(SectionKind.Ram)), (1, Gen.Constant(SectionKind.RamDevice)), (1, Gen.Constant(SectionKind.Io))).ArrayOf(count)
        from blocks in Gen.Elements(Blocks).ArrayOf(count)
        from roms in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true))).ArrayOf(count)
        select ViewOf([.. places.Select((place, at) => (place, kinds[at], blocks[at], roms[at]))]);

    private static readonly Gen<(FlatView View, ValidIovaRanges Reach)> Cases = from view in Views from reach in Reaches select (view, reach);

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void A_layout_that_is_proposed_fits_when_it_is_planned_again()
    {
        var moved = 0;
        Generated.Holds(Cases, input =>
        {
            if (Propose(input) is not { View: { } view } found)
            {
                return true;
            }

            moved += Math.Sign(found.Moves.Count);
            var again = LayoutProposal.For(view, SectionFilter.FourKiB, input.Reach);
            var plan = AttachPlan.For(Request(view, input.Reach));
            return again.Moves.Count == 0 && again.WhyNone is null
                && plan is not AttachPlan.Refuse
                && found.Moves.Count > 0 == !Fits(input.View, input.Reach);
        });
        Assert.InRange(moved, 50, 300);
    }

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void Every_byte_of_ram_is_there_once_and_nothing_else_moves() => Generated.Holds(Cases, input =>
        Propose(input) is not { View: { } view }
        || (BytesOf(view) == BytesOf(input.View)
            && Blocks.All(block => OffsetsOf(view, block).Equals(OffsetsOf(input.View, block)))
            && input.View.Where(section => section.ReadOnly || section.Kind != SectionKind.Ram).All(view.Contains)));

    [Fact]
    [Trait("Requirement", "R1.5")]
    public void A_move_takes_ram_that_is_there_to_where_the_view_shows_it_then() => Generated.Holds(Cases, input =>
        Propose(input) is not { View: { } view } found
        || found.Moves.All(move => move.From.Length == move.To.Length
            && move.To.Start.Value >= 1UL << 32
            && Shows(input.View, move.Region, move.From, move.Offset)
            && Shows(view, move.Region, move.To, move.Offset)));

    [Fact]
    public void Where_there_is_no_layout_it_says_why() => Generated.Holds(Cases, input =>
        Propose(input) is var found && found.View is null == found.WhyNone is not null && (found.View is not null || (found.Moves.Count == 0 && found.Hint.Length == 0)));

    private static LayoutProposal Propose((FlatView View, ValidIovaRanges Reach) input) => LayoutProposal.For(input.View, SectionFilter.FourKiB, input.Reach);

    private static bool Fits(FlatView view, ValidIovaRanges reach) =>
        SectionFilter.FourKiB.Filter(view).All(section => section.IsSkippable || reach.Contains(section.Range));

    private static AttachRequest Request(FlatView view, ValidIovaRanges reach) => new()
    {
        Viability = new GroupViability(new(1), []),
        Reserved = ReservedRegionsReading.Known(ReservedRegionSet.Empty),
        Aperture = reach,
        Kind = "type1",
        Containers = [],
        View = SectionFilter.FourKiB.Filter(view),
    };

    private static bool Shows(FlatView view, string region, IovaRange range, ulong offset) =>
        view.TryFind(range.Start, out var section) && section.Name == region && section.Range.Contains(range)
        && section.OffsetInRegion + (range.Start.Value - section.Range.Start.Value) == offset;

    private static UInt128 BytesOf(FlatView view) =>
        view.Where(section => section.Kind == SectionKind.Ram).Aggregate(UInt128.Zero, (sum, section) => sum + section.Range.Length);

    private static ValidIovaRanges OffsetsOf(FlatView view, RamBlock block) =>
        new(view.Where(section => ReferenceEquals(section.Block, block)).Select(section => IovaRange.FromLength(section.OffsetInBlock, (ulong)section.Range.Length)));

    /// <summary>A view in which each block is shown once, in order of address.</summary>
    private static FlatView ViewOf((IovaRange Range, SectionKind Kind, RamBlock Block, bool IsRom)[] sections)
    {
        var map = new IovaRangeMap<(SectionKind Kind, RamBlock Block, bool IsRom)>();
        foreach (var section in sections)
        {
            map.TryAdd(section.Range, (section.Kind, section.Block, section.IsRom));
        }

        var next = Blocks.ToDictionary(block => block, _ => 0UL);
        return new FlatView(map.Select(entry =>
        {
            var (range, (kind, block, isRom)) = (entry.Key, entry.Value);
            var hasMemory = kind != SectionKind.Io;
            var offset = hasMemory ? (next[block] + 0xfff) & ~0xfffUL : 0;
            if (hasMemory)
            {
                next[block] = offset + (ulong)range.Length;
            }

            return new MemorySection(range, kind, block.Name, offset, isRom, hasMemory ? block : null, offset);
        }));
    }
}
