using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

/// <summary>What a container is to have of a view, carried from one view to the next.</summary>
public class ViewTargetTests
{
    private static readonly RamBlock Ram = Tables.Block("pc.ram");
    private static readonly RamBlock Bar = Tables.Block("bar", 0x6000_0000_0000);

    private static readonly Gen<(MemorySection[][] Views, ReservedRegion[] Holes)> Cases =
        from views in Gen.Choose(0, 6).SelectMany(_ => Sections()).ArrayOf(5)
        from holes in Gen.Choose(0, 63).ArrayOf(2)
        from count in Gen.Choose(0, 2)
        select (views, holes.Take(count).Select(page => ReservedRegion.AskedFor(IovaRange.FromLength((ulong)page << 12, 0x1800))).ToArray());

    [Fact]
    public void After_any_views_it_is_what_the_last_view_alone_would_make_it() => Generated.Explains(Cases, input =>
    {
        var target = Target(input.Holes);
        foreach (var sections in input.Views)
        {
            var had = target.Sections.Select(entry => entry.Value).ToHashSet();
            var view = new FlatView(sections);
            var (removed, added) = target.Advance(view);
            var fresh = Target(input.Holes);
            fresh.Advance(view);
            var has = target.Sections.Select(entry => entry.Value).ToList();
            var wrong = !has.SequenceEqual(fresh.Sections.Select(entry => entry.Value)) ? "other sections are to be mapped"
                : !target.LeftOut.SequenceEqual(fresh.LeftOut) ? "others are left out"
                : !had.Except(removed).Union(added).ToHashSet().SetEquals(has) ? "what was removed and added is not the difference"
                : !removed.All(had.Contains) ? "something is removed that was not there"
                : null;
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }, count: 600);

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Ram_is_cut_around_the_users_holes_and_what_is_lost_is_told()
    {
        var target = Target([ReservedRegion.AskedFor(IovaRange.FromLength(0x1800, 0x100))]);

        var (removed, added) = target.Advance(new FlatView([Section(0, 4)]));

        Assert.Empty(removed);
        Assert.Equal(["0x0-0xfff", "0x2000-0x3fff"], added.Select(section => section.Range.ToString()));
        Assert.Equal((IovaRange.FromLength(0x1000, 0x1000), "pc.ram", "it lies in a hole that the user asked for"), Assert.Single(target.LeftOut));
        Assert.Equal(2, target.Advance(FlatView.Empty).Removed.Count);
        Assert.Empty(target.LeftOut);
    }

    [Fact]
    [Trait("Requirement", "R2.11")]
    public void A_bar_that_the_kernel_does_not_map_is_missing_until_it_is_taken_in_or_gone()
    {
        var target = Target([]);
        var view = new FlatView([Section(0, 1), Peer(8)]);
        var bar = target.Advance(view).Added[1];

        target.LeaveOut(bar, "refused");
        target.LeaveOut(bar, "refused again");

        Assert.Equal((bar, "refused again"), Assert.Single(target.Missing));
        Assert.Equal((bar.Range, "bar", "refused again"), Assert.Single(target.LeftOut));

        target.TakeIn(bar);
        Assert.Empty(target.Missing);

        target.LeaveOut(bar, "refused");
        target.Advance(view.Edit([view[1]], []));
        Assert.Empty(target.Missing);

        target.LeaveOut(bar, "it is gone");
        Assert.Empty(target.Missing);
    }

    private static ViewTarget Target(IReadOnlyList<ReservedRegion> holes) => new(SectionFilter.FourKiB, PageSizes.FourKiB, holes);

    private static Gen<MemorySection[]> Sections() =>
        from kinds in Gen.Choose(0, 7).ArrayOf(32)
        select kinds.Select((kind, at) => kind switch
        {
            0 or 1 => null,
            2 => Peer(2 * at),
            3 => Section(2 * at, 2) with { Range = IovaRange.FromLength((ulong)(2 * at) << 12, 0x800) },
            4 => Section(2 * at, 2) with { ReadOnly = true },
            _ => Section(2 * at, 2),
        }).OfType<MemorySection>().ToArray();

    private static MemorySection Section(int page, int pages) => new(
        IovaRange.FromLength((ulong)page << 12, (ulong)pages << 12), SectionKind.Ram, "pc.ram", (ulong)page << 12, false, Ram, (ulong)page << 12);

    private static MemorySection Peer(int page) =>
        new(IovaRange.FromLength((ulong)page << 12, 0x1000), SectionKind.RamDevice, "bar", 0, false, Bar, 0);
}
