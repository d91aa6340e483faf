using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Reserved;

public class ReservedRegionSetTests
{
    private static readonly ReservedRegion Msi = Region(ReservedRegionKind.Msi, 0xfee00000, 0xfeefffff);

    [Theory]
    [InlineData(ReservedRegionKind.Msi, true)]
    [InlineData(ReservedRegionKind.Reserved, true)]
    [InlineData(ReservedRegionKind.User, true)]
    [InlineData(ReservedRegionKind.DirectRelaxable, false)]
    [InlineData(ReservedRegionKind.Direct, false)]
    [Trait("Requirement", "R1.2")]
    [Trait("Requirement", "R1.10")]
    public void Only_holes_conflict(ReservedRegionKind kind, bool conflicts)
    {
        var set = new ReservedRegionSet([Region(kind, 0x1000, 0x1fff)]);

        Assert.Equal(conflicts, set.FirstConflict(IovaRange.FromBounds(0x1fff, 0x3000)) is not null);
        Assert.Equal(conflicts, set.Conflicts(IovaRange.All).Any());
        Assert.Equal(conflicts, set.CutFrom(ValidIovaRanges.All).Count == 2);
    }

    [Fact]
    public void A_direct_region_forbids_its_group()
    {
        var direct = Region(ReservedRegionKind.Direct, 0xe8000, 0xe8fff);

        Assert.Equal([direct], new ReservedRegionSet([Msi, direct]).Forbidding);
        Assert.Empty(new ReservedRegionSet([Msi, Region(ReservedRegionKind.DirectRelaxable, 0, 0xffffff)]).Forbidding);
    }

    [Theory]
    [InlineData(0xfedfffff, 0xfedfffff, false)]
    [InlineData(0xfedfffff, 0xfee00000, true)]
    [InlineData(0xfeefffff, 0xfeefffff, true)]
    [InlineData(0xfef00000, 0xffffffff, false)]
    [InlineData(0, ulong.MaxValue, true)]
    public void A_range_conflicts_when_it_shares_a_byte(ulong start, ulong last, bool conflicts) =>
        Assert.Equal(conflicts ? Msi : null, new ReservedRegionSet([Msi]).FirstConflict(IovaRange.FromBounds(start, last)));

    [Fact]
    public void A_large_hole_that_begins_before_small_ones_is_not_overlooked()
    {
        var large = Region(ReservedRegionKind.User, 0, 0xffff_ffff);
        var set = new ReservedRegionSet([Region(ReservedRegionKind.Msi, 0x1000, 0x1fff), Region(ReservedRegionKind.Msi, 0x3000, 0x3fff), large]);

        Assert.Same(large, set.FirstConflict(IovaRange.FromBounds(0x8000, 0x8fff)));
    }

    [Fact]
    public void Sets_are_equal_by_content_and_unite_without_doubles()
    {
        var other = Region(ReservedRegionKind.Reserved, 0, 0xfff);

        Assert.Equal(new ReservedRegionSet([Msi, other]), new ReservedRegionSet([other, Msi]));
        Assert.Equal(new ReservedRegionSet([Msi, other]), new ReservedRegionSet([Msi]).Union(new ReservedRegionSet([other, Msi])));
        Assert.NotEqual(ReservedRegionsReading.Known(ReservedRegionSet.Empty), ReservedRegionsReading.Unknown("gone"));
    }

    private static ReservedRegion Region(ReservedRegionKind kind, ulong start, ulong last) =>
        new(kind, IovaRange.FromBounds(start, last), "group 6", "test");
}
