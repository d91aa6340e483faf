using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Reserved;

public class WindowsPropertyTests
{
    private static readonly Gen<IovaRange[]> Sets = Ranges.Some(Ranges.Mixed(), 7);

    private static readonly Gen<ReservedRegion[]> Regions =
        from count in Gen.Choose(0, 6)
        from regions in (from kind in Gen.Elements(Enum.GetValues<ReservedRegionKind>())
                         from range in Ranges.Mixed()
                         from owner in Gen.Elements("group 1", "group 2")
                         select new ReservedRegion(kind, range, owner, "test")).ArrayOf(count)
        select regions;

    [Fact]
    public void Windows_are_the_bytes_of_the_ranges_that_they_are_made_of() => Generated.Holds(
        Sets, ranges => Naive.IsExactly(new ValidIovaRanges(ranges), ranges, point => ranges.Any(range => range.Contains(point))), count: 1_000);

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void Union_intersection_complement_and_cut_are_those_of_sets_of_bytes() => Generated.Holds(
        from left in Sets from right in Sets from hole in Ranges.Mixed() select (left, right, hole),
        input =>
        {
            var (left, right) = (new ValidIovaRanges(input.left), new ValidIovaRanges(input.right));
            IovaRange[] madeOf = [.. input.left, .. input.right, input.hole];
            return Naive.IsExactly(new ValidIovaRanges(left.Concat(right)), madeOf, point => IsIn(input.left, point) || IsIn(input.right, point))
                && Naive.IsExactly(left.Intersect(right), madeOf, point => IsIn(input.left, point) && IsIn(input.right, point))
                && Naive.IsExactly(left.Complement(), madeOf, point => !IsIn(input.left, point))
                && Naive.IsExactly(left.Without(input.hole), madeOf, point => IsIn(input.left, point) && !input.hole.Contains(point))
                && left.Intersect(right).Equals(right.Intersect(left))
                && left.Complement().Complement().Equals(left);
        },
        count: 1_000);

    [Fact]
    [Trait("Requirement", "R0.3")]
    public void A_range_lies_in_one_window_exactly_when_all_its_bytes_do() => Generated.Holds(
        from ranges in Sets from wanted in Ranges.Mixed() select (ranges, wanted),
        input =>
        {
            var isInside = Naive.Points([.. input.ranges, input.wanted]).Where(input.wanted.Contains).All(point => IsIn(input.ranges, point));
            return new ValidIovaRanges(input.ranges).Contains(input.wanted) == isInside;
        },
        count: 1_000);

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void The_windows_of_a_group_are_its_aperture_less_every_hole_and_nothing_else() => Generated.Holds(
        from aperture in Sets from regions in Regions select (aperture, regions),
        input => Naive.IsExactly(
            new ReservedRegionSet(input.regions).CutFrom(new ValidIovaRanges(input.aperture)),
            [.. input.aperture, .. input.regions.Select(region => region.Range)],
            point => IsIn(input.aperture, point) && !input.regions.Any(region => region.IsHole && region.Range.Contains(point))),
        count: 1_000);

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void The_windows_of_two_groups_are_what_the_windows_of_each_share() => Generated.Holds(
        from one in Regions from other in Regions select (One: new ReservedRegionSet(one), Other: new ReservedRegionSet(other)),
        groups => groups.One.Union(groups.Other).CutFrom(ValidIovaRanges.All)
            .Equals(groups.One.CutFrom(ValidIovaRanges.All).Intersect(groups.Other.CutFrom(ValidIovaRanges.All))),
        count: 600);

    [Fact]
    [Trait("Requirement", "R1.10")]
    public void The_conflicts_of_a_range_are_the_holes_that_share_a_byte_with_it_ascending() => Generated.Holds(
        from regions in Regions from range in Ranges.Mixed() select (regions, range),
        input =>
        {
            var set = new ReservedRegionSet(input.regions);
            var expected = set.Where(region => region.IsHole && region.Range.Overlaps(input.range)).ToList();
            return set.Conflicts(input.range).SequenceEqual(expected)
                && set.FirstConflict(input.range) == expected.FirstOrDefault()
                && expected.Zip(expected.Skip(1)).All(pair => pair.First.Range <= pair.Second.Range);
        },
        count: 1_000);

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void A_hole_takes_every_page_that_it_touches_and_not_a_byte_more() => Generated.Holds(
        from page in Gen.Elements(0x1000ul, 0x4000ul, 0x10000ul)
        from range in Gen.OneOf(Ranges.Near(12, 20, page), Ranges.Spans(8, page))
        from holes in Ranges.Some(Ranges.Mixed(), 6)
        select (page, range, holes),
        input =>
        {
            var carving = Carving.Of(input.range, input.holes, new PageSizes(input.page));
            IovaRange[] madeOf = [input.range, .. input.holes.Select(hole => Naive.Widened(hole, input.page))];
            bool IsLost(Iova point) => input.range.Contains(point) && input.holes.Any(Naive.PageOf(point, input.page).Overlaps);
            return Naive.IsExactly(carving.Lost, madeOf, IsLost)
                && Naive.IsExactly(carving.Pieces, madeOf, point => input.range.Contains(point) && !IsLost(point))
                && carving.Pieces.All(new PageSizes(input.page).IsAligned);
        },
        count: 1_000);

    private static bool IsIn(IovaRange[] ranges, Iova point) => ranges.Any(range => range.Contains(point));
}
