using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>Cuts the IOVA space where anything changes in any container: neighbours that look the same are one row.</summary>
internal static class IovaRows
{
    /// <summary>Rows in ascending order, from 0 to 2^64-1 without a gap.</summary>
    /// <param name="frame">What is drawn.</param>
    /// <param name="most">Rows at most; where there are more, small neighbours stand together.</param>
    internal static IReadOnlyList<IovaRow> Of(SpaceFrame frame, int most = int.MaxValue)
    {
        var lanes = frame.Now.Containers.Select(container => new LaneCursor(container, frame)).ToList();
        var cuts = Cuts(lanes);
        var rows = new List<IovaRow>();
        for (var at = 0; at < cuts.Count; at++)
        {
            var piece = IovaRange.FromBounds(cuts[at], at + 1 < cuts.Count ? cuts[at + 1] - 1 : ulong.MaxValue);
            var row = new IovaRow(piece, [.. lanes.Select(lane => lane.At(piece))]);
            if (rows.Count > 0 && rows[^1].LooksLike(row))
            {
                rows[^1] = rows[^1].Joined(row);
            }
            else
            {
                rows.Add(row);
            }
        }

        return RowGrouping.Fit(rows, most);
    }

    private static List<ulong> Cuts(IEnumerable<LaneCursor> lanes)
    {
        var cuts = new List<ulong> { 0 };
        foreach (var range in lanes.SelectMany(lane => lane.Cuts))
        {
            cuts.Add(range.Start.Value);
            if (range.Last.Value != ulong.MaxValue)
            {
                cuts.Add(range.Last.Value + 1);
            }
        }

        cuts.Sort();
        return [.. cuts.Distinct()];
    }
}
