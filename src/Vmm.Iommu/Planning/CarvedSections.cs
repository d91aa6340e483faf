using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>
/// The sections of a view around the holes that the user asked for. RAM is cut, since that is what asking for a hole means; a
/// BAR is never cut: whoever maps it finds it outside the windows. Immutable.
/// </summary>
/// <param name="Sections">What is left, ascending as given.</param>
/// <param name="Lost">Pieces of RAM that lie in a hole.</param>
public sealed record CarvedSections(IReadOnlyList<DmaSection> Sections, IReadOnlyList<DmaSection> Lost)
{
    /// <summary>Cuts the user's holes out of sections. Holes of other kinds are left alone: RAM in one is a conflict.</summary>
    /// <param name="sections">What is to be mapped.</param>
    /// <param name="regions">Regions of any kind.</param>
    /// <param name="pages">The IOMMU's page sizes; a hole takes every smallest page that it touches.</param>
    public static CarvedSections Of(IReadOnlyList<DmaSection> sections, IEnumerable<ReservedRegion> regions, PageSizes pages)
    {
        ArgumentNullException.ThrowIfNull(sections);
        var holes = regions.Where(region => region.Kind == ReservedRegionKind.User).Select(region => region.Range).ToList();
        if (holes.Count == 0)
        {
            return new CarvedSections(sections, []);
        }

        var (left, lost) = (new List<DmaSection>(), new List<DmaSection>());
        foreach (var section in sections)
        {
            if (section.IsSkippable)
            {
                left.Add(section);
                continue;
            }

            var carving = Carving.Of(section.Range, holes, pages);
            left.AddRange(carving.Pieces.Select(piece => PieceOf(section, piece)));
            lost.AddRange(carving.Lost.Select(piece => PieceOf(section, piece)));
        }

        return new CarvedSections(left, lost);
    }

    private static DmaSection PieceOf(DmaSection section, IovaRange piece) =>
        piece == section.Range ? section : section with { Range = piece, Offset = section.OffsetAt(piece.Start) };
}
