using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Iommu.Planning;

/// <summary>How many entries of a container a view takes: one for each mapping, whatever its size.</summary>
/// <param name="Needed">Mappings of the whole view.</param>
/// <param name="Fits">True when all RAM gets in. Mappings are made ascending, and a BAR for which no entry is left is left out.</param>
internal readonly record struct EntryCount(long Needed, bool Fits)
{
    /// <summary>Counts a view whose RAM is cut at fixed places.</summary>
    /// <param name="view">What is to be mapped, ascending.</param>
    /// <param name="skipped">Sections of it, the very ones, that are left out.</param>
    /// <param name="pages">The IOMMU's page sizes.</param>
    /// <param name="limit">Entries that the container has: cuts are coarser where it has few.</param>
    public static EntryCount Of(IReadOnlyList<DmaSection> view, IEnumerable<DmaSection> skipped, PageSizes pages, long limit)
    {
        var cuts = FixedCuts.For(view, pages, limit);
        var leftOut = skipped.ToHashSet<DmaSection>(ReferenceEqualityComparer.Instance);
        var (needed, used, fits) = (0L, 0L, true);
        foreach (var section in view)
        {
            if (leftOut.Contains(section))
            {
                continue;
            }

            var pieces = section.IsSkippable ? 1 : cuts.PiecesIn(section.Range);
            needed += pieces;
            if (used + pieces <= limit)
            {
                used += pieces;
            }
            else
            {
                fits &= section.IsSkippable;
            }
        }

        return new(needed, fits);
    }
}
