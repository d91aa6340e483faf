using Vmm.Lab.Histories;
using Vmm.Lab.Running;

namespace Vmm.Lab.Verbs;

/// <summary>How often each operation got which answer: what the histories of a run reached.</summary>
internal sealed class DiffTally
{
    private const ulong Near = 64 * 0x1000;

    /// <summary>IOVAs at which kernels have something to decide.</summary>
    private static readonly (string Name, ulong At)[] Edges =
    [
        ("0", 0), ("2^32", 1UL << 32), ("0xfee00000", 0xfee0_0000), ("2^39", 1UL << 39), ("2^48", 1UL << 48), ("2^52", 1UL << 52), ("2^57", 1UL << 57), ("2^64", ulong.MaxValue),
    ];

    private readonly SortedDictionary<string, SortedDictionary<string, long>> _rows = new(StringComparer.Ordinal);

    /// <summary>By operation, by its flags and by the edge that it is near: how often each errno came, <c>ok</c> for none.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, long>> Rows => _rows;

    /// <summary>Counts one operation.</summary>
    public void Add(Operation operation, Outcome answer)
    {
        var word = ReferenceEquals(answer, Outcome.Skipped) ? "skipped" : answer.Errno.IsNone ? "ok" : answer.Errno.Name;
        Count(operation.Name, word);
        foreach (var (name, value) in operation.Arguments)
        {
            if (name == "flags")
            {
                Count($"{operation.Name} flags=0x{value:x}", word);
            }
            else if (name == "iova" && NearestEdge(value) is { } edge)
            {
                Count($"{operation.Name} near {edge}", word);
            }
            else if (name == "bad" && value != 0)
            {
                Count($"{operation.Name} bad pointer", word);
            }
            else if (name == "iova" && (value & 0xfff) != 0)
            {
                Count($"{operation.Name} misaligned", word);
            }
        }
    }

    /// <summary>A line a row.</summary>
    public static string ToText(IReadOnlyDictionary<string, SortedDictionary<string, long>> rows) => string.Concat(rows.Select(row =>
        $"  {row.Key,-32} {string.Join(' ', row.Value.Select(pair => $"{pair.Key}={pair.Value}"))}\n"));

    private static string? NearestEdge(ulong iova) =>
        Array.Find(Edges, edge => (iova > edge.At ? iova - edge.At : edge.At - iova) <= Near).Name;

    private void Count(string row, string answer)
    {
        if (!_rows.TryGetValue(row, out var answers))
        {
            _rows[row] = answers = new(StringComparer.Ordinal);
        }

        answers[answer] = answers.GetValueOrDefault(answer) + 1;
    }
}
