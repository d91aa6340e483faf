using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>
/// What it costs to carve one section of RAM around holes: page sizes and page-table entries of the IOMMU. The memory behind
/// it is taken as contiguous, from the host address that its block has.
/// </summary>
/// <param name="Section">The section.</param>
/// <param name="PageBefore">The largest page that it can use somewhere, in bytes; zero where none fits.</param>
/// <param name="PageAfter">The largest that its pieces can use somewhere.</param>
/// <param name="EntriesBefore">Page-table entries of the section.</param>
/// <param name="EntriesAfter">Page-table entries of its pieces.</param>
/// <param name="Pieces">What is left of it, ascending.</param>
/// <param name="Holes">What each hole costs, ascending; empty where there is none in it.</param>
public sealed record CarvingCost(
    DmaSection Section,
    ulong PageBefore,
    ulong PageAfter,
    UInt128 EntriesBefore,
    UInt128 EntriesAfter,
    IReadOnlyList<IovaRange> Pieces,
    IReadOnlyList<HoleCost> Holes)
{
    /// <summary>The cost of each section of RAM in a view, ascending.</summary>
    /// <param name="view">What is to be mapped, ascending.</param>
    /// <param name="reach">Where it can be mapped: the aperture less every hole.</param>
    /// <param name="pages">The IOMMU's page sizes; not empty.</param>
    public static IReadOnlyList<CarvingCost> Of(IEnumerable<DmaSection> view, ValidIovaRanges reach, PageSizes pages)
    {
        ArgumentNullException.ThrowIfNull(reach);
        ArgumentNullException.ThrowIfNull(view);
        var holes = reach.Complement();
        var costs = new List<CarvingCost>(view is IReadOnlyCollection<DmaSection> known ? known.Count : 0);
        foreach (var section in view)
        {
            if (!section.IsSkippable)
            {
                costs.Add(reach.Contains(section.Range) ? OfWhole(section, pages) : Of(section, holes, pages));
            }
        }

        return costs;
    }

    /// <summary>The cost of a section without a hole in it: most of them, so that it is told without carving.</summary>
    private static CarvingCost OfWhole(DmaSection section, PageSizes pages)
    {
        var page = pages.LargestUsable(section.Range, section.HostAddress.Value);
        var entries = pages.EntriesFor(section.Range, section.HostAddress.Value);
        return new(section, page, page, entries, entries, [section.Range], []);
    }

    private static CarvingCost Of(DmaSection section, ValidIovaRanges holes, PageSizes pages)
    {
        var carving = Carving.Of(section.Range, holes, pages);
        var (before, after) = carving.LargestPages(section.HostAddress);
        var (whole, pieces) = carving.Entries(section.HostAddress);
        return new(section, before, after, whole, pieces, carving.Pieces, [.. carving.Lost.Select(hole => CostOf(section, hole, pages))]);
    }

    private static HoleCost CostOf(DmaSection section, IovaRange hole, PageSizes pages)
    {
        var (whole, cut) = Carving.Of(section.Range, [hole], pages).Entries(section.HostAddress);
        var (page, around) = PageAround(section, hole, pages);
        var left = Carving.Of(around, [hole], pages).LargestPages(section.HostAddress.Plus(around.Start.Value - section.Range.Start.Value)).After;
        return new(hole, page, left, (Int128)cut - (Int128)whole);
    }

    /// <summary>The largest page in which the hole begins, and the whole pages that it touches.</summary>
    private static (ulong Page, IovaRange Around) PageAround(DmaSection section, IovaRange hole, PageSizes pages)
    {
        for (var rest = pages.Bitmap; rest != 0;)
        {
            var page = new PageSizes(rest).Largest;
            rest &= ~page;
            var around = IovaRange.FromBounds(hole.Start.Value & ~(page - 1), hole.Last.Value | (page - 1));
            if (section.Range.Contains(around) && ((section.Range.Start.Value - section.HostAddress.Value) & (page - 1)) == 0)
            {
                return (page, around);
            }
        }

        return (0, hole);
    }
}
