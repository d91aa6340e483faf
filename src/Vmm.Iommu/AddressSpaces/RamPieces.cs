using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>The memory behind the RAM of a view. Pure.</summary>
public static class RamPieces
{
    /// <summary>
    /// The parts of blocks that RAM sections show, each byte once, in order of block and offset. What a device is allowed to write
    /// somewhere is writable. BARs of other devices are left out: they have no pages to be had.
    /// </summary>
    /// <param name="sections">Sections as a container maps them.</param>
    public static IReadOnlyList<RamPiece> Of(IEnumerable<DmaSection> sections) =>
        [.. sections.Where(section => !section.IsSkippable).GroupBy(section => section.Block).SelectMany(Merged)];

    /// <summary>The parts of pieces that others do not cover. Memory populated for reading does not cover what is to be written.</summary>
    /// <param name="pieces">From <see cref="Of"/>.</param>
    /// <param name="known">From <see cref="Of"/> too.</param>
    public static IReadOnlyList<RamPiece> Except(IReadOnlyList<RamPiece> pieces, IReadOnlyList<RamPiece> known)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var covers = known.ToLookup(piece => piece.Block);
        return [.. pieces.SelectMany(piece => Uncovered(piece, covers[piece.Block].Where(cover => cover.IsWritable || !piece.IsWritable)))];
    }

    /// <summary>Bytes that pinning counts for the RAM of a view: those of every section, however often the same memory is shown.</summary>
    /// <param name="sections">Sections as a container maps them.</param>
    public static UInt128 PinnedBytes(IEnumerable<DmaSection> sections) =>
        sections.Where(section => !section.IsSkippable).Aggregate(UInt128.Zero, (sum, section) => sum + section.Range.Length);

    private static IEnumerable<RamPiece> Uncovered(RamPiece piece, IEnumerable<RamPiece> covers)
    {
        var (offset, end) = (piece.Offset, piece.Offset + piece.Length);
        foreach (var cover in covers.OrderBy(cover => cover.Offset))
        {
            var from = Math.Min(cover.Offset, end);
            if (from > offset)
            {
                yield return piece with { Offset = offset, Length = from - offset };
            }

            offset = Math.Max(offset, cover.Offset + cover.Length);
        }

        if (end > offset)
        {
            yield return piece with { Offset = offset, Length = end - offset };
        }
    }

    private static IEnumerable<RamPiece> Merged(IGrouping<RamBlock, DmaSection> ofOneBlock)
    {
        var (offset, end, isWritable) = (0UL, 0UL, false);
        foreach (var section in ofOneBlock.OrderBy(section => section.Offset).ThenByDescending(section => section.Range.Length))
        {
            var last = section.Offset + (ulong)section.Range.Length;
            var writes = section.Access.HasFlag(DmaAccess.Write);
            if (end > offset && section.Offset <= end && (writes == isWritable || last <= end))
            {
                // Memory that one section may write is populated for writing, also where another one only reads it.
                (end, isWritable) = (Math.Max(end, last), isWritable || writes);
                continue;
            }

            var cut = writes ? Math.Min(section.Offset, end) : end;
            if (cut > offset)
            {
                yield return new RamPiece(ofOneBlock.Key, offset, cut - offset, isWritable);
            }

            var start = Math.Max(section.Offset, cut);
            (offset, end, isWritable) = (start, Math.Max(start, last), writes);
        }

        if (end > offset)
        {
            yield return new RamPiece(ofOneBlock.Key, offset, end - offset, isWritable);
        }
    }
}
