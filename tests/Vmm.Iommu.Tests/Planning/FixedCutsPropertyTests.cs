using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

public class FixedCutsPropertyTests
{
    private static readonly Gen<(DmaSection[] View, PageSizes Pages, long Entries)> Cases =
        from view in Views.Some(8)
        from pages in Gen.Elements(0x1000ul, 0x40201000ul, 0x2001_0000ul, 1UL << 30, 1UL << 31)
        from entries in Gen.Elements(0L, 1, 16, 400, 4_000)
        select (view, new PageSizes(pages), entries);

    [Fact]
    public void Pieces_make_up_a_range_one_after_another_and_are_as_many_as_is_said() => Generated.Holds(Cases, input =>
    {
        var cuts = FixedCuts.For(input.View, input.Pages, input.Entries);
        return input.View.Where(section => cuts.PiecesIn(section.Range) <= 4_000).All(section =>
        {
            var pieces = cuts.Pieces(section.Range).ToList();
            return pieces[0].Start == section.Range.Start && pieces[^1].Last == section.Range.Last
                && pieces.Zip(pieces.Skip(1)).All(pair => pair.First.IsFollowedBy(pair.Second))
                && pieces.Count == cuts.PiecesIn(section.Range);
        });
    }, count: 600);

    [Fact]
    public void A_cut_stays_where_it_is_whatever_part_of_a_range_is_looked_at() => Generated.Holds(
        from input in Cases from part in Ranges.Spans(20, 0x1000) select (input, part),
        both =>
        {
            var cuts = FixedCuts.For(both.input.View, both.input.Pages, both.input.Entries);
            return both.input.View.Where(section => cuts.PiecesIn(section.Range) <= 1_000).All(section =>
                !section.Range.TryIntersect(both.part, out var shared)
                || cuts.Pieces(shared).SequenceEqual(cuts.Pieces(section.Range).Where(shared.Overlaps).Select(piece => Within(piece, shared))));
        },
        count: 600);

    [Fact]
    public void Cuts_leave_three_quarters_of_the_entries_as_soon_as_a_section_is_one_piece() => Generated.Holds(Cases, input =>
    {
        var cuts = FixedCuts.For(input.View, input.Pages, input.Entries);
        var ram = input.View.Where(section => !section.IsSkippable).ToList();
        return ram.Sum(section => cuts.PiecesIn(section.Range)) <= Math.Max(input.Entries / 4, ram.Count + 4);
    }, count: 600);

    private static IovaRange Within(IovaRange piece, IovaRange whole) => piece.TryIntersect(whole, out var shared) ? shared : piece;
}
