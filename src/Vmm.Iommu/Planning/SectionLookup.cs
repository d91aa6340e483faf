using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Iommu.Planning;

/// <summary>Finds sections of a view, which ascend and share no byte, by halving.</summary>
internal static class SectionLookup
{
    /// <summary>The lowest section that shares a byte with a range; null when none does.</summary>
    public static DmaSection? First(IReadOnlyList<DmaSection> sections, IovaRange range) =>
        IndexOf(sections, range.Start) is var at && at < sections.Count && sections[at].Range.Overlaps(range) ? sections[at] : null;

    /// <summary>Every section that shares a byte with a range, ascending.</summary>
    public static IEnumerable<DmaSection> Overlapping(IReadOnlyList<DmaSection> sections, IovaRange range)
    {
        for (var at = IndexOf(sections, range.Start); at < sections.Count && sections[at].Range.Start <= range.Last; at++)
        {
            yield return sections[at];
        }
    }

    /// <summary>Index of the first section that ends at an address or above; the count where none does.</summary>
    public static int IndexOf(IReadOnlyList<DmaSection> sections, Iova address)
    {
        var (low, high) = (0, sections.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = sections[middle].Range.Last < address ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
