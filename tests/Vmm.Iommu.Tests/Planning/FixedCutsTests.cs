using Vmm.Iommu.Addressing;
using Vmm.Iommu.Planning;

namespace Vmm.Iommu.Tests.Planning;

public class FixedCutsTests
{
    private const ulong GiB = 1UL << 30;

    [Fact]
    public void Ram_is_cut_at_640_kib_every_page_to_1_mib_and_every_gib()
    {
        var cuts = FixedCuts.For([], PageSizes.FourKiB, Tables.Entries);

        var pieces = cuts.Pieces(IovaRange.FromLength(0, 3 * GiB)).ToList();

        Assert.Equal(IovaRange.FromBounds(0, 0x9ffff), pieces[0]);
        Assert.Equal(Enumerable.Range(0, 96).Select(i => IovaRange.FromLength(0xA0000 + ((ulong)i * 0x1000), 0x1000)), pieces.Skip(1).Take(96));
        Assert.Equal([IovaRange.FromBounds(0x100000, GiB - 1), IovaRange.FromLength(GiB, GiB), IovaRange.FromLength(2 * GiB, GiB)], pieces.Skip(97));
        Assert.Equal(pieces.Count, cuts.PiecesIn(IovaRange.FromLength(0, 3 * GiB)));
    }

    [Theory]
    [InlineData(0xA0000, 0xA0fff, 1)]
    [InlineData(0xA0001, 0xA1000, 2)]
    [InlineData(0xfffff, 0x100000, 2)]
    [InlineData(0x100000, 0x3fffffff, 1)]
    [InlineData(0x3fffffff, 0x40000000, 2)]
    [InlineData(0xffff_ffff_c000_0000, ulong.MaxValue, 1)]
    [InlineData(0xffff_ffff_bfff_ffff, ulong.MaxValue, 2)]
    public void Pieces_are_counted_without_making_them(ulong start, ulong last, int count)
    {
        var cuts = FixedCuts.For([], PageSizes.FourKiB, Tables.Entries);

        Assert.Equal(count, cuts.PiecesIn(IovaRange.FromBounds(start, last)));
        Assert.Equal(count, cuts.Pieces(IovaRange.FromBounds(start, last)).Count());
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(1024, 1)]
    [InlineData(32 * 1024, 4)]
    [InlineData(1024 * 1024, 128)]
    public void Cuts_grow_coarser_by_powers_of_two_before_they_pass_a_quarter_of_the_entries(int gibs, int granuleGibs)
    {
        var ram = Tables.Section(Tables.Block("ram"), 0, ((ulong)gibs * GiB) - 1);

        var cuts = FixedCuts.For([ram], PageSizes.FourKiB, Tables.Entries);

        Assert.Equal((ulong)granuleGibs * GiB, cuts.Granule);
        Assert.True(cuts.PiecesIn(ram.Range) <= Tables.Entries / 4);
    }

    [Fact]
    public void Where_even_the_shadow_area_is_too_much_nothing_is_cut()
    {
        var ram = Tables.Section(Tables.Block("ram"), 0, (4 * GiB) - 1);

        var cuts = FixedCuts.For([ram], PageSizes.FourKiB, 64);

        Assert.Single(cuts.Pieces(ram.Range));
    }

    [Theory]
    [InlineData(0x10000, 8)]
    [InlineData(0x80000, 2)]
    [InlineData(0x200000, 1)]
    public void No_cut_is_finer_than_the_smallest_iommu_page(ulong page, int pieces)
    {
        var cuts = FixedCuts.For([], new PageSizes(page), Tables.Entries);

        var found = cuts.Pieces(IovaRange.FromLength(0, GiB)).ToList();

        Assert.Equal(pieces, found.Count);
        Assert.All(found, piece => Assert.True(new PageSizes(page).IsAligned(piece)));
    }
}
