using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

public class CarvingCostTests
{
    private const ulong KiB4 = 1UL << 12;
    private const ulong MiB2 = 1UL << 21;
    private const ulong GiB = 1UL << 30;

    // A gigabyte of address, aligned to a gigabyte: an offset in the block moves the memory against the IOVAs.
    private static readonly RamBlock Ram = Tables.Block("pc.ram");

    // Large pages that are small, so that a few thousand of the smallest hold several.
    private static readonly PageSizes Small = new(0x111000);

    private static readonly Gen<(DmaSection Section, ValidIovaRanges Reach)> Carved =
        from start in Gen.Choose(0, 2000)
        from pages in Gen.Choose(1, 2000)
        from offset in Gen.Frequency((2, Gen.Constant(start)), (2, Gen.Choose(0, 40).Select(n => start + (16 * n))), (1, Gen.Choose(0, 600)))
        from count in Gen.Choose(0, 5)
        from holes in (from at in Gen.Choose(0, 4000) from length in Gen.Choose(1, 300) select IovaRange.FromLength(((ulong)at << 12) + 0x10, (ulong)length << 10)).ArrayOf(count)
        select (
            Tables.Section(Ram, (ulong)start << 12, ((ulong)(start + pages) << 12) - 1, offset: (ulong)offset << 12),
            holes.Aggregate(ValidIovaRanges.All, (left, hole) => left.Without(hole)));

    /// <summary>A hole in 4 GiB of RAM from 0, its start and length: entries of the section then, largest page left in its place, and entries more.</summary>
    public static TheoryData<ulong, ulong, long, ulong, long> Holes => new()
    {
        // A page in the middle of a gigabyte: 511 of 2 MiB and 511 of 4 KiB in the place of one page.
        { 0x5000_0000, KiB4, 3 + 511 + 511, MiB2, 1021 },

        // Less than a page takes the page all the same.
        { 0x5000_0100, 0x10, 3 + 511 + 511, MiB2, 1021 },

        // Two pages that two holes' worth of 2 MiB share: 510 of 2 MiB, and 511 of 4 KiB on either side.
        { 0x5020_0000 - KiB4, 2 * KiB4, 3 + 510 + 511 + 511, MiB2, 1531 },

        // 2 MiB, aligned: one large page less, and nothing smaller.
        { 0x5000_0000, MiB2, 3 + 511, MiB2, 510 },

        // Half of 2 MiB, as the interrupt window is.
        { 0x5000_0000, MiB2 / 2, 3 + 511 + 256, MiB2, 766 },

        // A whole gigabyte goes without a trace.
        { 0x4000_0000, GiB, 3, 0, -1 },

        // A page on either side of a gigabyte's edge costs both.
        { 0x8000_0000 - KiB4, 2 * KiB4, 2 + (2 * (511 + 511)), MiB2, (2 * 1022) - 2 },
    };

    [Theory]
    [MemberData(nameof(Holes))]
    [Trait("Requirement", "R1.4")]
    public void A_hole_costs_the_large_page_around_it(ulong start, ulong length, long entriesAfter, ulong left, long extra)
    {
        var hole = IovaRange.FromLength(start, length);

        var cost = Assert.Single(CarvingCost.Of([Tables.Section(Ram, 0, (4 * GiB) - 1)], ValidIovaRanges.All.Without(hole), PageSizes.Usual));

        Assert.Equal((GiB, GiB), (cost.PageBefore, cost.PageAfter));
        Assert.Equal(((UInt128)4, (UInt128)entriesAfter), (cost.EntriesBefore, cost.EntriesAfter));
        var one = Assert.Single(cost.Holes);
        Assert.Equal(IovaRange.FromBounds(start & ~(KiB4 - 1), (start + length - 1) | (KiB4 - 1)), one.Hole);
        Assert.Equal((GiB, left, (Int128)extra), (one.PageBefore, one.PageAfter, one.ExtraEntries));
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void Each_hole_says_what_it_costs_by_itself()
    {
        var reach = ValidIovaRanges.All.Without(IovaRange.FromLength(0x5000_0000, KiB4)).Without(IovaRange.FromLength(0x9000_0000, MiB2));

        var cost = Assert.Single(CarvingCost.Of([Tables.Section(Ram, 0, (4 * GiB) - 1)], reach, PageSizes.Usual));

        Assert.Equal([((Int128)1021, GiB), (510, GiB)], cost.Holes.Select(hole => (hole.ExtraEntries, hole.PageBefore)));
        Assert.Equal((Int128)cost.EntriesAfter - (Int128)cost.EntriesBefore, cost.Holes.Aggregate((Int128)0, (sum, hole) => sum + hole.ExtraEntries));
        Assert.Equal(3, cost.Pieces.Count);
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void Memory_that_lies_across_large_pages_has_none_to_lose()
    {
        var shifted = Tables.Section(Ram, 0, GiB - 1, offset: 0x1000);

        var cost = Assert.Single(CarvingCost.Of([shifted], ValidIovaRanges.All.Without(IovaRange.FromLength(0x1000_0000, KiB4)), PageSizes.Usual));

        Assert.Equal((KiB4, KiB4, (Int128)(-1)), (cost.PageBefore, cost.PageAfter, Assert.Single(cost.Holes).ExtraEntries));
    }

    [Fact]
    public void Ram_without_a_hole_costs_nothing_and_bars_are_not_counted()
    {
        var bar = Tables.Block("BAR 0", 0x7f00_1000_0000_0000, 0x10000);
        DmaSection[] view = [Tables.Section(Ram, 0, GiB - 1), Tables.Section(bar, 0xfee0_0000, 0xfee0_ffff, skippable: true, offset: 0)];

        var cost = Assert.Single(CarvingCost.Of(view, ValidIovaRanges.All.Without(IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff)), PageSizes.Usual));

        Assert.Equal((GiB, GiB, (UInt128)1, (UInt128)1), (cost.PageBefore, cost.PageAfter, cost.EntriesBefore, cost.EntriesAfter));
        Assert.Empty(cost.Holes);
    }

    [Theory]
    [InlineData(0x1000UL, 0x40000UL, 0x3ffffUL)]
    [InlineData(0x10000UL, 0x4000UL, 0x3fffUL)]
    public void The_smallest_page_is_the_unit_of_a_hole(ulong page, ulong entries, ulong after)
    {
        var cost = Assert.Single(CarvingCost.Of([Tables.Section(Ram, 0, GiB - 1)], ValidIovaRanges.All.Without(IovaRange.FromLength(0x1234_5678, 1)), new PageSizes(page)));

        Assert.Equal(((UInt128)entries, (UInt128)after), (cost.EntriesBefore, cost.EntriesAfter));
        Assert.Equal((UInt128)page, Assert.Single(cost.Holes).Hole.Length);
    }

    [Fact]
    public void Ram_that_lies_in_holes_alone_leaves_nothing()
    {
        var cost = Assert.Single(CarvingCost.Of([Tables.Section(Ram, 0, GiB - 1)], new ValidIovaRanges([]), PageSizes.Usual));

        Assert.Equal((0UL, (UInt128)0), (cost.PageAfter, cost.EntriesAfter));
        Assert.Empty(cost.Pieces);
        Assert.Equal((GiB, 0UL, (Int128)(-1)), (Assert.Single(cost.Holes).PageBefore, cost.Holes[0].PageAfter, cost.Holes[0].ExtraEntries));
    }

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void Entries_are_those_of_the_largest_page_at_every_place() => Generated.Holds(Carved, input =>
    {
        var cost = CarvingCost.Of([input.Section], input.Reach, Small).Single();
        return cost.EntriesBefore == Walked(cost.Section.Range, cost.Section)
            && cost.EntriesAfter == cost.Pieces.Aggregate(UInt128.Zero, (sum, piece) => sum + Walked(piece, cost.Section))
            && cost.Pieces.All(input.Reach.Contains)
            && cost.PageAfter <= cost.PageBefore
            && cost.Holes.All(hole => hole.PageAfter <= hole.PageBefore && hole.PageBefore <= cost.PageBefore)
            && cost.Holes.Aggregate(UInt128.Zero, (sum, hole) => sum + hole.Hole.Length) + cost.Pieces.Aggregate(UInt128.Zero, (sum, piece) => sum + piece.Length) == cost.Section.Range.Length;
    });

    /// <summary>Counts pages one after another: each the largest that its place allows.</summary>
    private static UInt128 Walked(IovaRange range, DmaSection section)
    {
        ulong[] pages = [0x10_0000, 0x1_0000, 0x1000];
        var host = section.HostAddress.Value + (range.Start.Value - section.Range.Start.Value);
        var (count, done) = (0UL, 0UL);
        while (done < range.Length)
        {
            done += pages.First(page => ((range.Start.Value + done) | (host + done)) % page == 0 && done + page <= range.Length);
            count++;
        }

        return count;
    }
}
