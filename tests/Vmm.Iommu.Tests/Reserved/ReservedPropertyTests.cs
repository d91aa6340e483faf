using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Reserved;

public class ReservedPropertyTests
{
    private static readonly Gen<IovaRange[]> Holes =
        from count in Gen.Choose(0, 8)
        from holes in Ranges.Pages().ArrayOf(count)
        select holes;

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void Windows_and_holes_share_no_byte_and_leave_none_out() =>
        Generated.Holds(
            from holes in Holes from probe in Ranges.Address(50, 0x800) select (holes, probe),
            input => SetOf(input.holes).CutFrom(ValidIovaRanges.All).Contains(IovaRange.FromBounds(input.probe, input.probe))
                != input.holes.Any(hole => hole.Contains(new Iova(input.probe))));

    [Fact]
    [Trait("Requirement", "R0.3")]
    public void A_range_is_inside_one_window_exactly_when_no_hole_touches_it() =>
        Generated.Holds(
            from holes in Holes from range in Ranges.Near(40, 9, 0x800) select (holes, range),
            input =>
            {
                var set = SetOf(input.holes);
                var first = input.holes.Where(hole => hole.Overlaps(input.range)).Order().Select(hole => (IovaRange?)hole).FirstOrDefault();
                return set.CutFrom(ValidIovaRanges.All).Contains(input.range) == first is null
                    && set.FirstConflict(input.range)?.Range == first
                    && set.Conflicts(input.range).Count() == input.holes.Count(hole => hole.Overlaps(input.range));
            });

    [Fact]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    public void After_attach_and_detach_the_windows_are_what_they_were() =>
        Generated.Holds(
            from first in Holes from second in Holes select (first, second),
            input =>
            {
                var before = SetOf(input.first).CutFrom(ValidIovaRanges.All);
                var attached = SetOf(input.second).CutFrom(before);
                var rebuilt = SetOf(input.first).CutFrom(ValidIovaRanges.All);
                return rebuilt.Equals(before)
                    && attached.Equals(SetOf([.. input.first, .. input.second]).CutFrom(ValidIovaRanges.All))
                    && attached.Equals(before.Intersect(SetOf(input.second).CutFrom(ValidIovaRanges.All)))
                    && attached.All(before.Contains);
            });

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Pieces_and_losses_of_a_carving_make_up_the_range_and_pieces_keep_clear_of_every_hole() =>
        Generated.Holds(
            from holes in (from count in Gen.Choose(0, 6) from some in Ranges.Near(60, 9, 0x700).ArrayOf(count) select some)
            from range in Ranges.Pages(30, 60)
            select (holes, range),
            input =>
            {
                var carving = Carving.Of(input.range, input.holes, PageSizes.FourKiB);
                return carving.Pieces.All(piece => PageSizes.FourKiB.IsAligned(piece) && !input.holes.Any(piece.Overlaps))
                    && carving.Lost.All(lost => PageSizes.FourKiB.IsAligned(lost) && input.holes.Any(lost.Overlaps))
                    && carving.Pieces.Concat(carving.Lost).Aggregate(UInt128.Zero, (sum, part) => sum + part.Length) == input.range.Length
                    && new ValidIovaRanges(carving.Pieces.Concat(carving.Lost)).Equals(new ValidIovaRanges([input.range]));
            });

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void A_hole_of_one_page_costs_the_large_page_around_it()
    {
        var pages = new PageSizes(0x40201000);

        var carving = Carving.Of(IovaRange.FromLength(0, 1UL << 30), [IovaRange.FromLength(0x1000_0000, 0x1000)], pages);

        Assert.Equal((1UL << 30, 1UL << 21), carving.LargestPages(new HostAddress(1UL << 40)));
        Assert.Equal(2, carving.Pieces.Count);
    }

    [Fact]
    public void Carving_without_a_page_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => Carving.Of(IovaRange.All, [], default));

    private static ReservedRegionSet SetOf(IovaRange[] holes) =>
        new(holes.Select((hole, i) => new ReservedRegion(ReservedRegionKind.Reserved, hole, $"group {i}", "test")));
}
