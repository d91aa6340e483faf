using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.AddressSpaces;

/// <summary>Views made of views: the same as one made anew, whatever they share.</summary>
public class FlatViewEditTests
{
    private static readonly RamBlock Ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000_0000), 1UL << 30);

    // Enough places for several chunks, few enough that edits meet.
    private static readonly Gen<(int[] First, int[][] Edits)> Cases =
        from first in Gen.Choose(0, 399).ListOf(150)
        from edits in Gen.Choose(0, 399).ArrayOf(12).ArrayOf(6)
        select (first.Distinct().ToArray(), edits);

    [Fact]
    public void An_edited_view_is_the_view_made_anew() => Generated.Explains(Cases, input =>
    {
        var shown = new SortedDictionary<int, MemorySection>(input.First.ToDictionary(page => page, page => Section(page, 0)));
        var view = new FlatView(shown.Values);
        foreach (var (pages, round) in input.Edits.Select((pages, at) => (pages, at + 1)))
        {
            // A page that is shown goes or flips to read-only, another comes.
            var touched = pages.Distinct().ToList();
            var removed = touched.Where(shown.ContainsKey).Select(page => shown[page]).ToList();
            var added = touched.Where(page => !shown.ContainsKey(page) || page % 3 == 0).Select(page => Section(page, round)).ToList();
            var edited = view.Edit(removed, added);
            removed.ForEach(section => shown.Remove(PageOf(section)));
            added.ForEach(section => shown.Add(PageOf(section), section));
            if (!edited.SequenceEqual(shown.Values) || edited.Count != shown.Count || !edited.Equals(new FlatView(shown.Values)))
            {
                return $"edit {round}: other sections";
            }

            if (!Enumerable.Range(0, edited.Count).All(at => edited.TryFind(edited[at].Range.Last, out var found) && ReferenceEquals(found, edited[at])))
            {
                return $"edit {round}: not found by index and address";
            }

            var diff = FlatViewDiff.Between(view, edited);
            if (!diff.Removed.SequenceEqual(removed.OrderBy(section => section.Range)) || !diff.Added.SequenceEqual(added.OrderBy(section => section.Range)))
            {
                return $"edit {round}: other differences";
            }

            view = edited;
        }

        return null;
    });

    [Fact]
    public void An_edit_that_does_not_fit_is_refused_and_names_the_section()
    {
        var view = new FlatView([Section(1, 0), Section(3, 0)]);

        Assert.Contains("pc.ram at 0x2000-0x2fff is not in the view", Assert.Throws<ArgumentException>(() => view.Edit([Section(2, 0)], [])).Message, StringComparison.Ordinal);
        Assert.Contains("pc.ram at 0x1000-0x1fff is not in the view", Assert.Throws<ArgumentException>(() => view.Edit([Section(1, 1)], [])).Message, StringComparison.Ordinal);
        Assert.Contains("Sections overlap", Assert.Throws<ArgumentException>(() => view.Edit([], [Section(3, 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("Sections overlap", Assert.Throws<ArgumentException>(() => view.Edit([], [Section(0, 0) with { Range = IovaRange.FromLength(0, 0x1001) }])).Message, StringComparison.Ordinal);
        Assert.Contains("which has fewer", Assert.Throws<ArgumentException>(() => view.Edit([], [Section(2, 0) with { OffsetInBlock = 1UL << 30 }])).Message, StringComparison.Ordinal);
    }

    private static int PageOf(MemorySection section) => (int)(section.Range.Start.Value >> 12);

    private static MemorySection Section(int page, int round) =>
        new(IovaRange.FromLength((ulong)page << 12, 0x1000), SectionKind.Ram, "pc.ram", (ulong)page << 12, round % 2 == 1, Ram, (ulong)(page + (1000 * round)) << 12);
}
