using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>A range of IOVAs that is drawn as one.</summary>
/// <param name="Range">Both ends inclusive.</param>
/// <param name="Cells">How it looks in each container.</param>
internal sealed record IovaRow(IovaRange Range, IReadOnlyList<IovaCell> Cells)
{
    /// <summary>The rows that it stands for, ascending, where they are too many to be drawn; else empty.</summary>
    internal IReadOnlyList<IovaRow> Parts { get; init; } = [];

    /// <summary>What is there; empty where nothing is.</summary>
    internal string Name => Cells.Select(cell => cell.Name).FirstOrDefault(name => name.Length > 0) ?? "";

    /// <summary>True when nothing is or was there in any container: the axis is broken here.</summary>
    internal bool IsEmpty => Cells.All(cell =>
        cell.Look is Look.Free or Look.Outside && !cell.IsRelaxable && cell.Difference is Difference.None or Difference.Window);

    /// <summary>This row, or those that it stands for.</summary>
    internal IReadOnlyList<IovaRow> Pieces => Parts.Count > 0 ? Parts : [this];

    internal bool LooksLike(IovaRow other)
    {
        for (var at = 0; at < Cells.Count; at++)
        {
            if (!Cells[at].LooksLike(other.Cells[at]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>This row and the next in one, as far as they look alike.</summary>
    internal IovaRow Joined(IovaRow next) =>
        new(new IovaRange(Range.Start, next.Range.Last), [.. Cells.Zip(next.Cells, (mine, others) => mine.With(others))]);
}
