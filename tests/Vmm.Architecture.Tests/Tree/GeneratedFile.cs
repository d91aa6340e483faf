namespace Vmm.Architecture.Tests.Tree;

/// <summary>A text file in git that a test can write: held to its source, and rewritten on demand.</summary>
internal static class GeneratedFile
{
    /// <summary>Set to 1, the tests write the files instead of comparing them.</summary>
    public const string WriteVariable = "VMM_WRITE";

    /// <summary>Compares, or writes when <see cref="WriteVariable"/> is 1.</summary>
    public static void AssertCurrent(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Repository.Absolute(path))!);
            File.WriteAllText(Repository.Absolute(path), expected);
            return;
        }

        var found = Repository.Has(path) ? Repository.Read(path) : "";
        if (Difference(found, expected) is { } difference)
        {
            Assert.Fail($"{path}:{difference}\n{WriteVariable}=1 dotnet test tests/Vmm.Architecture.Tests writes the file; look at the change, then commit it.");
        }
    }

    /// <summary>The first line that differs, as <c>line: what</c>; null when the texts are equal.</summary>
    public static string? Difference(string found, string expected)
    {
        if (found == expected)
        {
            return null;
        }

        var (was, now) = (found.Split('\n'), expected.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(was.Length, now.Length)).First(i => At(was, i) != At(now, i));
        return $"{line + 1}: in the file: {At(was, line) ?? "(nothing)"}\n    in the sources: {At(now, line) ?? "(nothing)"}";
    }

    private static string? At(string[] lines, int index) => index < lines.Length ? lines[index] : null;
}
