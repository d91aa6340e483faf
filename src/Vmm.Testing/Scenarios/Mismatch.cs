namespace Vmm.Testing.Scenarios;

/// <summary>An expectation that was not met.</summary>
/// <param name="Key">Which, by its key in a file: <c>outcome</c>, <c>windows</c>.</param>
/// <param name="Expected">What was expected; a line each.</param>
/// <param name="Found">What was found; a line each.</param>
public sealed record Mismatch(string Key, IReadOnlyList<string> Expected, IReadOnlyList<string> Found)
{
    /// <summary>A mismatch of single values.</summary>
    public Mismatch(string key, string expected, string found)
        : this(key, [expected], [found])
    {
    }

    /// <summary>Key, expected, found, on one line.</summary>
    public override string ToString() => $"{Key}: expected [{string.Join(" | ", Expected)}], found [{string.Join(" | ", Found)}]";
}
