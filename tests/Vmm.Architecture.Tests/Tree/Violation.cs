namespace Vmm.Architecture.Tests.Tree;

/// <summary>One place that breaks a rule of the house, and what to do about it.</summary>
/// <param name="Path">File, relative to the top of the repository.</param>
/// <param name="Line">First line is 1; 0 is the file as a whole.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record Violation(string Path, int Line, string Message)
{
    public override string ToString() => Line == 0 ? $"{Path}: {Message}" : $"{Path}:{Line}: {Message}";

    /// <summary>Fails the test with every violation on a line of its own.</summary>
    public static void AssertNone(IEnumerable<Violation> violations)
    {
        var found = violations.OrderBy(v => v.Path, StringComparer.Ordinal).ThenBy(v => v.Line).ToList();
        if (found.Count != 0)
        {
            Assert.Fail($"{found.Count} to mend:\n" + string.Join('\n', found));
        }
    }
}
