using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>Puts rows together where there are too many: first those that repeat, then the smallest neighbours.</summary>
internal static class RowGrouping
{
    // Fewer repeats than this are better seen one by one.
    private const int FewestRepeated = 8;

    /// <summary>Rows as they are, or groups of them, ascending and without a gap.</summary>
    internal static IReadOnlyList<IovaRow> Fit(IReadOnlyList<IovaRow> rows, int most)
    {
        if (most == int.MaxValue)
        {
            return rows;
        }

        var spans = Repeats(rows);
        return [.. new Merging(rows, spans).Down(most).Select(span => Group(rows, span))];
    }

    /// <summary>Spans of rows: one each, or a run in which every second row is like the other, such as a mapping and a gap.</summary>
    private static List<Span> Repeats(IReadOnlyList<IovaRow> rows)
    {
        var spans = new List<Span>();
        for (var at = 0; at < rows.Count;)
        {
            var end = at + 2;
            while (end < rows.Count && rows[end].Range.Length == rows[end - 2].Range.Length && rows[end].LooksLike(rows[end - 2]))
            {
                end++;
            }

            // A run begins and ends with what is there, not with the gap beside it.
            end = end <= rows.Count && rows[end - 1].IsEmpty ? end - 1 : end;
            var next = end - at >= FewestRepeated && !rows[at].IsEmpty ? end : at + 1;
            spans.Add(new Span(at, next - 1));
            at = next;
        }

        return spans;
    }

    private static IovaRow Group(IReadOnlyList<IovaRow> rows, Span span)
    {
        if (span.First == span.Last)
        {
            return rows[span.First];
        }

        var parts = rows.Skip(span.First).Take(span.Last - span.First + 1).ToList();
        var cells = Enumerable.Range(0, parts[0].Cells.Count).Select(at => parts.Select(part => part.Cells[at]).Aggregate((cell, next) => cell.With(next)));
        return new IovaRow(new IovaRange(parts[0].Range.Start, parts[^1].Range.Last), [.. cells]) { Parts = parts };
    }

    /// <summary>Rows from the first to the last index, inclusive.</summary>
    private readonly record struct Span(int First, int Last);

    /// <summary>Merges the pair of neighbours that costs least, until few enough are left. A pair costs its length; what a reader looks for costs more.</summary>
    private sealed class Merging
    {
        private static readonly Span Gone = new(-1, -1);
        private readonly IReadOnlyList<IovaRow> _rows;
        private readonly List<Span> _spans;
        private readonly double[] _weights;
        private readonly int[] _before;
        private readonly int[] _next;
        private readonly PriorityQueue<(int Left, Span LeftSpan, Span RightSpan), double> _pairs = new();

        internal Merging(IReadOnlyList<IovaRow> rows, List<Span> spans)
        {
            _rows = rows;
            _spans = spans;
            _weights = [.. spans.Select(span => rows.Skip(span.First).Take(Math.Min(2, span.Last - span.First + 1)).Max(Weight))];
            _before = [.. Enumerable.Range(-1, spans.Count)];
            _next = [.. Enumerable.Range(1, spans.Count)];
        }

        internal IEnumerable<Span> Down(int most)
        {
            for (var at = 0; at + 1 < _spans.Count; at++)
            {
                Offer(at);
            }

            for (var left = _spans.Count; left > Math.Max(1, most) && _pairs.TryDequeue(out var pair, out _);)
            {
                // A pair of which one side has grown since is offered anew as it is now.
                if (_spans[pair.Left] == pair.LeftSpan && _next[pair.Left] < _spans.Count && _spans[_next[pair.Left]] == pair.RightSpan)
                {
                    Merge(pair.Left);
                    left--;
                }
            }

            for (var at = 0; at < _spans.Count; at = _next[at])
            {
                yield return _spans[at];
            }
        }

        private void Merge(int left)
        {
            var right = _next[left];
            _spans[left] = new Span(_spans[left].First, _spans[right].Last);
            _spans[right] = Gone;
            _weights[left] = Math.Max(_weights[left], _weights[right]);
            _next[left] = _next[right];
            if (_next[left] < _spans.Count)
            {
                _before[_next[left]] = left;
                Offer(left);
            }

            if (_before[left] >= 0)
            {
                Offer(_before[left]);
            }
        }

        private void Offer(int left)
        {
            var right = _next[left];
            var length = _rows[_spans[right].Last].Range.Last.Value - _rows[_spans[left].First].Range.Start.Value;
            _pairs.Enqueue((left, _spans[left], _spans[right]), length * Math.Max(_weights[left], _weights[right]));
        }

        private static double Weight(IovaRow row) =>
            row.Cells.Any(cell => cell.Look is Look.Reserved or Look.Dying) ? 1L << 40
            : row.Cells.Any(cell => cell.Look == Look.Skipped || cell.Difference > Difference.Window) ? 1L << 20
            : 1;
    }
}
