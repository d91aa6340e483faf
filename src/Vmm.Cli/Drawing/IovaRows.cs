using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Drawing;

/// <summary>Cuts the IOVA space where anything changes in any container: neighbours that look the same are one row.</summary>
internal static class IovaRows
{
    internal enum Look
    {
        Free,
        Outside,
        Reserved,
        Skipped,
        ReadOnly,
        Writable,
        Dying,
    }

    /// <summary>Rows in ascending order, from 0 to 2^64-1 without a gap.</summary>
    internal static IReadOnlyList<Row> Of(SpacePicture picture)
    {
        var rows = new List<Row>();
        var cuts = Cuts(picture);
        for (var at = 0; at < cuts.Count; at++)
        {
            var last = at + 1 < cuts.Count ? cuts[at + 1] - 1 : ulong.MaxValue;
            var row = RowOf(picture, IovaRange.FromBounds(cuts[at], last));
            if (rows.Count > 0 && rows[^1].LooksLike(row))
            {
                rows[^1] = rows[^1] with { Range = new IovaRange(rows[^1].Range.Start, row.Range.Last) };
            }
            else
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static List<ulong> Cuts(SpacePicture picture)
    {
        var cuts = new SortedSet<ulong> { 0 };
        foreach (var range in picture.Containers.SelectMany(RangesOf))
        {
            cuts.Add(range.Start.Value);
            if (range.Last.Value != ulong.MaxValue)
            {
                cuts.Add(range.Last.Value + 1);
            }
        }

        return [.. cuts];
    }

    private static IEnumerable<IovaRange> RangesOf(SpacePicture.Container container) =>
        container.Mapped.Select(mapping => mapping.Range)
            .Concat(container.Skipped.Select(skip => skip.Range))
            .Concat(container.Reserved.Select(region => region.Range))
            .Concat(container.Windows ?? Enumerable.Empty<IovaRange>());

    private static Row RowOf(SpacePicture picture, IovaRange range)
    {
        var cells = picture.Containers.Select(container => CellOf(container, range)).ToList();
        return new Row(range, cells.Select(cell => cell.Name).FirstOrDefault(name => name.Length > 0) ?? "", cells);
    }

    private static Cell CellOf(SpacePicture.Container container, IovaRange range)
    {
        var relaxable = container.Reserved.Any(region => !region.IsHole && region.Range.Contains(range));
        if (container.Mapped.FirstOrDefault(mapping => mapping.Range.Contains(range)) is { } mapped)
        {
            var look = mapped.IsDying ? Look.Dying : mapped.Access.HasFlag(DmaAccess.Write) ? Look.Writable : Look.ReadOnly;
            return new Cell(look, mapped.Name, relaxable);
        }

        if (container.Skipped.FirstOrDefault(skip => skip.Range.Contains(range)) is { } skipped)
        {
            return new Cell(Look.Skipped, skipped.Name, relaxable);
        }

        if (container.Reserved.FirstOrDefault(region => region.IsHole && region.Range.Contains(range)) is { } hole)
        {
            return new Cell(Look.Reserved, NameOf(hole.Kind), relaxable);
        }

        return new Cell(container.Windows is { } windows && !windows.Contains(range) ? Look.Outside : Look.Free, "", relaxable);
    }

    internal static string NameOf(ReservedRegionKind kind) => kind switch
    {
        ReservedRegionKind.DirectRelaxable => "direct-relaxable",
        ReservedRegionKind.User => "asked for",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>How a range looks in one container.</summary>
    internal readonly record struct Cell(Look Look, string Name, bool IsRelaxable);

    /// <summary>A range that looks the same throughout.</summary>
    internal sealed record Row(IovaRange Range, string Name, IReadOnlyList<Cell> Cells)
    {
        /// <summary>True when nothing is or may not be there in any container.</summary>
        internal bool IsEmpty => Cells.All(cell => cell.Look is Look.Free or Look.Outside && !cell.IsRelaxable);

        internal bool LooksLike(Row other) => Name == other.Name && Cells.SequenceEqual(other.Cells);
    }
}
