namespace Vmm.Cli.Tests;

/// <summary>Files of the tree that are no part of the build.</summary>
internal static class RepositoryRoot
{
    /// <summary>The full path of a file, named from the top of the tree.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Vmm.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests run outside of the project's tree.");
        }

        return Path.Combine([root, .. parts]);
    }
}
