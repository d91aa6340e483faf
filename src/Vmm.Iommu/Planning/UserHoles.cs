using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>
/// Holes that a user asked for: nothing is mapped in them although the IOMMU could. RAM is carved around them, which costs
/// entries and large pages; a BAR that touches one is left out.
/// </summary>
public static class UserHoles
{
    /// <summary>A view with the holes cut out, ascending.</summary>
    /// <param name="view">What devices would see, ascending.</param>
    /// <param name="holes">The holes; each takes every page that it touches.</param>
    /// <param name="pages">The IOMMU's page sizes; not empty.</param>
    public static IReadOnlyList<DmaSection> CutFrom(IReadOnlyList<DmaSection> view, IReadOnlyCollection<IovaRange> holes, PageSizes pages)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(holes);
        return holes.Count == 0 ? view : [.. view.SelectMany(section => Pieces(section, holes, pages))];
    }

    private static IEnumerable<DmaSection> Pieces(DmaSection section, IReadOnlyCollection<IovaRange> holes, PageSizes pages)
    {
        var carving = Carving.Of(section.Range, holes, pages);
        return carving.Lost.Count == 0 ? [section]
            : section.IsSkippable ? []
            : carving.Pieces.Select(piece => section with { Range = piece, Offset = section.OffsetAt(piece.Start) });
    }
}
