using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

/// <summary>Conflicts, and finding sections, against a comparison of everything with everything.</summary>
public class ConflictPropertyTests
{
    private static readonly Gen<(ReservedRegionSet Reserved, ValidIovaRanges? Aperture)> Groups =
        from count in Gen.Choose(0, 5)
        from regions in (from kind in Gen.Elements(Enum.GetValues<ReservedRegionKind>())
                         from range in Gen.OneOf(Ranges.Mixed(), Ranges.Near(20, 12, 0x1000_0000))
                         from owner in Gen.Elements("group 1", "group 2")
                         select new ReservedRegion(kind, range, owner, "test")).ArrayOf(count)
        from isKnown in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        from reach in Ranges.Some(Ranges.Spans(12, 0x1000), 3)
        select (new ReservedRegionSet(regions.Distinct()), isKnown ? new ValidIovaRanges(reach) : null);

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void The_conflicts_of_a_view_are_those_of_each_section_with_each_hole() => Generated.Holds(
        from view in Views.Some() from theirs in Groups select (view, theirs),
        input =>
        {
            var naive =
                from section in input.view
                from hole in Holes(input.theirs)
                where section.Range.Overlaps(hole.Range)
                select hole with { GuestRange = section.Range, Region = section.Name, IsSkippable = section.IsSkippable };
            return AreSame(Conflict.Of(input.view, input.theirs.Reserved, input.theirs.Aperture, "group 1"), naive);
        },
        count: 800);

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void The_conflicts_of_a_table_are_those_of_each_mapping_with_each_hole_said_once_a_section() => Generated.Holds(
        from change in Views.Changes() from theirs in Groups select (change, theirs),
        input =>
        {
            // The table shows the view before: some of its mappings come from no section of the view now.
            var table = Tables.Mapped(input.change.Before);
            var met =
                from hole in Holes(input.theirs)
                from mapping in table
                where mapping.Range.Overlaps(hole.Range)
                select (Hole: hole, Mapping: mapping, Shared: Both(mapping.Range, hole.Range));
            var naive = met.SelectMany(meeting => input.change.After
                .Where(section => section.Range.Overlaps(meeting.Shared))
                .Select(section => meeting.Hole with { GuestRange = section.Range, Region = section.Name, IsSkippable = section.IsSkippable })
                .DefaultIfEmpty(meeting.Hole with { GuestRange = meeting.Mapping.Range, Region = meeting.Mapping.Lease.Block!.Name }));
            return AreSame(
                Conflict.Of(table, input.change.After, input.theirs.Reserved, input.theirs.Aperture, "group 1"),
                naive.DistinctBy(conflict => (conflict.GuestRange, conflict.Range, conflict.Kind, conflict.Owner)));
        },
        count: 800);

    [Fact]
    public void Sections_are_found_as_by_looking_at_each() => Generated.Holds(
        from view in Views.Some() from wanted in Ranges.Mixed() select (view, wanted),
        input =>
        {
            var flat = new FlatView(input.view.Select(section => new MemorySection(section.Range, SectionKind.Io, section.Name, section.Offset, false, null, 0)));
            var expected = input.view.Where(section => section.Range.Overlaps(input.wanted)).ToList();
            return SectionLookup.Overlapping(input.view, input.wanted).SequenceEqual(expected)
                && SectionLookup.First(input.view, input.wanted) == expected.FirstOrDefault()
                && Naive.Points([input.wanted, .. input.view.Select(section => section.Range)]).All(point =>
                    flat.TryFind(point, out var found) == input.view.Any(section => section.Range.Contains(point))
                    && (found is null || found.Range.Contains(point)));
        },
        count: 800);

    private static IEnumerable<Conflict> Holes((ReservedRegionSet Reserved, ValidIovaRanges? Aperture) group) => group.Reserved
        .Where(region => region.Kind is ReservedRegionKind.Msi or ReservedRegionKind.Reserved or ReservedRegionKind.User)
        .Select(region => new Conflict(region.Range, "", false, region.Kind, region.Range, region.Owner) { Source = "test" })
        .Concat((group.Aperture?.Complement() ?? new ValidIovaRanges([])).Select(range => new Conflict(range, "", false, null, range, "group 1")));

    private static bool AreSame(IReadOnlyList<Conflict> found, IEnumerable<Conflict> naive) =>
        found.Zip(found.Skip(1)).All(pair => (pair.First.GuestRange, pair.First.Range).CompareTo((pair.Second.GuestRange, pair.Second.Range)) <= 0)
        && Sorted(found).SequenceEqual(Sorted(naive));

    private static IEnumerable<Conflict> Sorted(IEnumerable<Conflict> conflicts) => conflicts
        .OrderBy(conflict => conflict.GuestRange).ThenBy(conflict => conflict.Range).ThenBy(conflict => conflict.Kind).ThenBy(conflict => conflict.Owner, StringComparer.Ordinal);

    private static IovaRange Both(IovaRange one, IovaRange other) =>
        one.TryIntersect(other, out var shared) ? shared : throw new InvalidOperationException($"{one} and {other} share nothing.");
}
