namespace Vmm.Cli.Drawing;

/// <summary>What a step did to an address space, in words and sums.</summary>
internal static class SpaceChanges
{
    /// <summary>A line for each container that changed; empty when none did.</summary>
    /// <param name="frame">The step.</param>
    /// <param name="rows">Its rows.</param>
    internal static IReadOnlyList<string> Of(SpaceFrame frame, IReadOnlyList<IovaRow> rows)
    {
        if (frame.Before is not { } before)
        {
            return [];
        }

        var lines = new List<string>();
        for (var at = 0; at < frame.Now.Containers.Count; at++)
        {
            var container = frame.Now.Containers[at];
            var words = frame.BeforeOf(container) is { } was ? Changed(container, was, [.. Sums(rows, at)]) : [New(container)];
            if (words.Count > 0)
            {
                lines.Add($"{container.Title}: {string.Join("; ", words)}");
            }
        }

        lines.AddRange(before.Containers
            .Where(was => frame.Now.Containers.All(container => container.Title != was.Title))
            .Select(was => $"{was.Title} is gone, with {Mapped(was)}"));
        return lines;
    }

    /// <summary>Bytes of a container by what the step did to them, strongest first; nothing for what stayed.</summary>
    internal static IEnumerable<(Difference Difference, UInt128 Bytes, IReadOnlyList<string> Names)> Sums(IReadOnlyList<IovaRow> rows, int container) =>
        from row in rows.SelectMany(row => row.Pieces)
        let cell = row.Cells[container]
        where cell.Difference > Difference.Window
        group (row.Range.Length, cell.Name) by cell.Difference into same
        orderby same.Key descending
        select (same.Key, same.Aggregate(UInt128.Zero, (sum, piece) => sum + piece.Length), (IReadOnlyList<string>)[.. same.Select(piece => piece.Name).Distinct()]);

    private static string New(SpacePicture.Container container) => $"new, with {Mapped(container)}";

    private static string Mapped(SpacePicture.Container container) =>
        $"{ByteSize.Of(container.Mapped.Aggregate(UInt128.Zero, (sum, mapping) => sum + mapping.Range.Length))} mapped in {container.Mapped.Count:N0} entries";

    private static List<string> Changed(
        SpacePicture.Container now, SpacePicture.Container was, IReadOnlyList<(Difference Difference, UInt128 Bytes, IReadOnlyList<string> Names)> sums)
    {
        var words = sums.Select(sum => $"{WordOf(sum.Difference)} {ByteSize.Of(sum.Bytes)} ({Names(sum.Names)})").ToList();
        if (now.Members != was.Members)
        {
            words.Add($"now {now.Members}");
        }

        if (now.Windows is { } windows && was.Windows is { } before && !windows.Equals(before))
        {
            words.Add($"windows now {windows}");
        }

        if (now.Degraded is { } degraded && degraded != was.Degraded)
        {
            words.Add($"degraded: {degraded}");
        }

        return words;
    }

    /// <summary>What was done, as one character; a blank for nothing.</summary>
    internal static char MarkOf(Difference difference) => difference switch
    {
        Difference.Added => '+',
        Difference.Removed => '-',
        Difference.Changed => '~',
        Difference.Churned => '↻',
        Difference.Window => '◦',
        _ => ' ',
    };

    private static string WordOf(Difference difference) => difference switch
    {
        Difference.Added => "+ mapped",
        Difference.Removed => "- unmapped",
        Difference.Changed => "~ mapped in another way",
        _ => "↻ unmapped and mapped again as it was",
    };

    private static string Names(IReadOnlyList<string> names) =>
        names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(2))} and {names.Count - 2:N0} more";
}
