using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

public class CarvedSectionsPropertyTests
{
    private static readonly Gen<(DmaSection[] View, ReservedRegion[] Regions)> Cases =
        from view in Views.Some()
        from holes in Ranges.Some(Gen.OneOf(Ranges.Mixed(), Ranges.Near(20, 12, 0x1000_0000)), 5)
        from kinds in Gen.Elements(ReservedRegionKind.User, ReservedRegionKind.User, ReservedRegionKind.Msi).ArrayOf(holes.Length)
        select (view, holes.Zip(kinds, (hole, kind) => new ReservedRegion(kind, hole, "user", "user")).ToArray());

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Pieces_and_losses_make_up_each_section_and_each_keeps_its_host_byte() => Generated.Holds(Cases, input =>
    {
        var carved = CarvedSections.Of(input.View, input.Regions, PageSizes.FourKiB);
        var parts = carved.Sections.Concat(carved.Lost).ToList();
        return Naive.Sum(parts.Select(part => part.Range)) == Naive.Sum(input.View.Select(section => section.Range))
            && parts.All(part => PageSizes.FourKiB.IsAligned(part.Range) && input.View.Count(section => section.Range.Contains(part.Range) && IsPartOf(part, section)) == 1)
            && carved.Sections.Zip(carved.Sections.Skip(1)).All(pair => pair.First.Range.Last < pair.Second.Range.Start);
    }, count: 600);

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Of_ram_exactly_the_pages_that_a_hole_of_the_user_touches_are_lost() => Generated.Holds(Cases, input =>
    {
        var carved = CarvedSections.Of(input.View, input.Regions, PageSizes.FourKiB);
        var holes = input.Regions.Where(region => region.Kind == ReservedRegionKind.User).Select(region => Naive.Widened(region.Range, 0x1000)).ToList();
        var ram = input.View.Where(section => !section.IsSkippable).Select(section => section.Range).ToList();
        return Naive.Points([.. holes, .. ram]).All(point =>
            carved.Lost.Any(part => part.Range.Contains(point)) == (ram.Exists(range => range.Contains(point)) && holes.Exists(hole => hole.Contains(point))));
    }, count: 600);

    [Fact]
    public void A_bar_is_never_cut() => Generated.Holds(
        Cases,
        input => CarvedSections.Of(input.View, input.Regions, PageSizes.FourKiB).Sections.Where(section => section.IsSkippable)
            .SequenceEqual(input.View.Where(section => section.IsSkippable)));

    private static bool IsPartOf(DmaSection part, DmaSection section) =>
        part with { Range = section.Range, Offset = section.Offset } == section && section.OffsetAt(part.Range.Start) == part.Offset;
}
