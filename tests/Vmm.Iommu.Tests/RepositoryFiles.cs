using System.Formats.Tar;
using System.IO.Compression;

namespace Vmm.Iommu.Tests;

/// <summary>Files of the repository that tests read: found by walking up to the solution.</summary>
internal static class RepositoryFiles
{
    private static readonly Lazy<string> Root = new(() =>
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Vmm.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException($"No Vmm.sln above {AppContext.BaseDirectory}.");
    });

    /// <summary>Names of the captured memory maps, with extension.</summary>
    public static IEnumerable<string> MemoryMaps => Directory.EnumerateFiles(At("configs/memory-maps"), "*.txt").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>Full path of a file of the repository.</summary>
    public static string At(string path) => Path.Combine(Root.Value, path);

    /// <summary>A captured host, unpacked into a directory that goes away when disposed.</summary>
    public static TemporaryDirectory UnpackHost(string name)
    {
        var directory = new TemporaryDirectory();
        using var archive = new GZipStream(File.OpenRead(At($"configs/hosts/{name}.tar.gz")), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(archive, directory.Path, overwriteFiles: false);
        return directory;
    }
}
