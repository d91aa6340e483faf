using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Planning;

public class CarvingCostTests
{
    private const ulong KiB4 = 1UL << 12;
    private const ulong MiB2 = 1UL << 21;
    private const ulong GiB = 1UL << 30;

    // A gigabyte of address, aligned to a gigabyte: an offset in the block moves the memory against the IOVAs.
    private static readonly RamBlock Ram = Tables.Block("pc.ram");

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
}
