using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Reserved;

/// <summary>A range with holes cut out of it, and what that costs. Immutable.</summary>
public sealed class Carving
{
    private readonly IovaRange _whole;
    private readonly PageSizes _pages;

    private Carving(IovaRange whole, IReadOnlyList<IovaRange> pieces, IReadOnlyList<IovaRange> lost, PageSizes pages) =>
        (_whole, Pieces, Lost, _pages) = (whole, pieces, lost, pages);

    /// <summary>What is left, ascending; no two touch. Empty when the holes take everything.</summary>
    public IReadOnlyList<IovaRange> Pieces { get; }

    /// <summary>What was cut out, ascending; with <see cref="Pieces"/> it makes up the whole range.</summary>
    public IReadOnlyList<IovaRange> Lost { get; }

    /// <summary>Cuts holes out of a range. A hole takes every page that it touches.</summary>
    /// <param name="range">The range, aligned to the smallest page where its pieces are to be mapped.</param>
    /// <param name="holes">In any order; they may overlap and lie outside.</param>
    /// <param name="pages">The IOMMU's page sizes; not empty.</param>
    /// <exception cref="ArgumentException">There is no page size.</exception>
    public static Carving Of(IovaRange range, IEnumerable<IovaRange> holes, PageSizes pages)
    {
        ArgumentNullException.ThrowIfNull(holes);
        if (pages.Bitmap == 0)
        {
            throw new ArgumentException("Carving needs at least one page size.", nameof(pages));
        }

        var inPage = pages.Smallest - 1;
        var lost = new ValidIovaRanges(
            from hole in holes
            let wide = IovaRange.FromBounds(hole.Start.Value & ~inPage, hole.Last.Value | inPage)
            where wide.Overlaps(range)
            select IovaRange.FromBounds(Math.Max(wide.Start.Value, range.Start.Value), Math.Min(wide.Last.Value, range.Last.Value)));
        var left = lost.Aggregate(new ValidIovaRanges([range]), (windows, hole) => windows.Without(hole));
        return new Carving(range, left, lost, pages);
    }

    /// <summary>The largest page that could be used in the whole range, and the largest left in any piece; zero where none fits.</summary>
    /// <param name="hostStart">Process address of the range's first byte.</param>
    public (ulong Before, ulong After) LargestPages(HostAddress hostStart) =>
        (_pages.LargestUsable(_whole, hostStart.Value),
            Pieces.Select(piece => _pages.LargestUsable(piece, hostStart.Value + (piece.Start.Value - _whole.Start.Value))).DefaultIfEmpty().Max());

    /// <summary>Page-table entries of the whole range, and of the pieces together.</summary>
    /// <param name="hostStart">Process address of the range's first byte.</param>
    public (UInt128 Before, UInt128 After) Entries(HostAddress hostStart) =>
        (_pages.EntriesFor(_whole, hostStart.Value),
            Pieces.Aggregate(UInt128.Zero, (sum, piece) => sum + _pages.EntriesFor(piece, hostStart.Value + (piece.Start.Value - _whole.Start.Value))));
}
