using System.Formats.Tar;
using System.IO.Compression;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>Reads a captured sysfs, a directory or a tar.gz, into a tree. Nothing is unpacked to disk.</summary>
internal static class SysfsCapture
{
    /// <summary>No attribute of sysfs is longer.</summary>
    private const int MaximumAttribute = 64 * 1024;

    public static SysfsTree Read(string path)
    {
        var entries = Directory.Exists(path) ? FromDirectory(path)
            : File.Exists(path) ? FromArchive(path)
            : throw new HostLoadException($"{path}: no such file or directory; name a captured sysfs, a directory or a tar.gz");
        var prefix = entries.Exists(entry => entry.Path.StartsWith("sys/kernel/", StringComparison.Ordinal)) ? "sys/" : "";
        var tree = new SysfsTree();
        foreach (var entry in entries.Where(entry => entry.Path.StartsWith(prefix, StringComparison.Ordinal) && entry.Path.Length > prefix.Length))
        {
            Put(path, tree, entry with { Path = entry.Path[prefix.Length..] });
        }

        return tree;
    }

    private static void Put(string source, SysfsTree tree, CapturedEntry entry)
    {
        try
        {
            switch (entry)
            {
                case { Target: { } target }:
                    tree.AddLink(entry.Path, target);
                    break;
                case { Text: { } text }:
                    tree.AddAttribute(entry.Path, text);
                    break;
                default:
                    tree.AddDirectory(entry.Path);
                    break;
            }
        }
        catch (InvalidOperationException)
        {
            throw HostLoadException.At(source, entry.Path, "lies below a file or a link", "capture the tree anew with tar, links kept as links");
        }
    }

    private static List<CapturedEntry> FromDirectory(string root)
    {
        try
        {
            return [.. Walk(new DirectoryInfo(root), "")];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new HostLoadException($"{root}: cannot be read: {OneLine(failure)}; capture the tree as root and make it readable", failure);
        }
    }

    private static IEnumerable<CapturedEntry> Walk(DirectoryInfo directory, string prefix)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var path = prefix + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                yield return new CapturedEntry(path, null, target);
            }
            else if (entry is DirectoryInfo below)
            {
                yield return new CapturedEntry(path, null, null);
                foreach (var found in Walk(below, path + "/"))
                {
                    yield return found;
                }
            }
            else
            {
                yield return new CapturedEntry(path, File.ReadAllText(entry.FullName), null);
            }
        }
    }

    private static List<CapturedEntry> FromArchive(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(unzipped);
            var entries = new List<CapturedEntry>();
            while (tar.GetNextEntry() is { } entry)
            {
                if (Entry(path, entry) is { } known)
                {
                    entries.Add(known);
                }
            }

            return entries.Count > 0 ? entries : throw new HostLoadException($"{path}: the archive is empty; it holds the contents of /sys");
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException or FormatException)
        {
            throw new HostLoadException($"{path}: not a whole tar.gz: {OneLine(failure)}; capture the host anew, or name a directory", failure);
        }
    }

    private static CapturedEntry? Entry(string source, TarEntry entry)
    {
        var path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        path = path.TrimEnd('/');
        if (path is "" or ".")
        {
            return null;
        }

        if (path.StartsWith('/') || path.Split('/').Any(part => part is "" or "." or "..") || path.Any(char.IsControl))
        {
            throw HostLoadException.At(source, $"'{Printable(path)}'", "is not a path below /sys", "entries are relative and have no '..'");
        }

        return entry.EntryType switch
        {
            TarEntryType.Directory => new(path, null, null),
            TarEntryType.SymbolicLink => new(path, null, entry.LinkName),
            TarEntryType.RegularFile or TarEntryType.V7RegularFile => new(path, Text(source, path, entry), null),
            _ => throw HostLoadException.At(source, path, $"is a {entry.EntryType}", "a sysfs has directories, files and symbolic links"),
        };
    }

    private static string Text(string source, string path, TarEntry entry)
    {
        if (entry.Length > MaximumAttribute)
        {
            throw HostLoadException.At(source, path, $"has {entry.Length} bytes", $"an attribute of sysfs has at most {MaximumAttribute}");
        }

        if (entry.DataStream is not { } data)
        {
            return "";
        }

        using var reader = new StreamReader(data);
        return reader.ReadToEnd();
    }

    private static string OneLine(Exception failure) => Printable(failure.Message);

    private static string Printable(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));

    private sealed record CapturedEntry(string Path, string? Text, string? Target);
}
