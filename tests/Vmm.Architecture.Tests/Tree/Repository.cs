namespace Vmm.Architecture.Tests.Tree;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts"];
    private static readonly Lazy<IReadOnlyList<SourceFile>> Parsed = new(() =>
        [.. Files("*.cs").Select(path => new SourceFile(path, Read(path)))]);

    /// <summary>The folder that holds Vmm.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file, in order of path.</summary>
    public static IReadOnlyList<SourceFile> Sources => Parsed.Value;

    /// <summary>C# files of the libraries and the command: <c>src/Vmm.*</c>.</summary>
    public static IEnumerable<SourceFile> Product => Sources.Where(file => file.IsProduct);

    public static IEnumerable<SourceFile> Tests => Sources.Where(file => file.IsTest);

    /// <summary>Files by name pattern, relative to <see cref="Root"/> with <c>/</c>, in ordinal order.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Walk(Root, pattern).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public static string Absolute(string path) => Path.Combine(Root, path);

    public static bool Has(string path) => File.Exists(Absolute(path));

    public static string Read(string path) => File.ReadAllText(Absolute(path)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(
            Directory.EnumerateDirectories(folder)
                .Where(child => !NotOurs.Contains(Path.GetFileName(child)))
                .SelectMany(child => Walk(child, pattern)));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vmm.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Vmm.sln above {AppContext.BaseDirectory}: run the tests from a clone.");
    }
}
