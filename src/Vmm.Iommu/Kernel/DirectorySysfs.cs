using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>A sysfs below a directory: <c>/sys</c>, or a captured tree that was unpacked.</summary>
/// <param name="root">The directory that stands for /sys.</param>
public sealed class DirectorySysfs(string root) : ISysfs
{
    private readonly string _root = Path.GetFullPath(root);

    /// <inheritdoc/>
    public SysResult<IReadOnlyList<string>> List(string path) => Try<IReadOnlyList<string>>(path, full =>
    {
        if (File.Exists(full))
        {
            return Errno.ENOTDIR;
        }

        var names = Directory.EnumerateFileSystemEntries(full).Select(entry => Path.GetFileName(entry)!).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    });

    /// <inheritdoc/>
    public SysResult<string> ReadText(string path) => Try<string>(path, full => File.ReadAllText(full));

    /// <inheritdoc/>
    public SysResult<string> ReadLink(string path) => Try<string>(path, full =>
    {
        if (new FileInfo(full).LinkTarget is { } target)
        {
            return target;
        }

        return File.Exists(full) || Directory.Exists(full) ? Errno.EINVAL : Errno.ENOENT;
    });

    /// <inheritdoc/>
    public SysResult WriteText(string path, string text)
    {
        var written = Try<string>(path, full =>
        {
            using var attribute = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            attribute.Write(System.Text.Encoding.UTF8.GetBytes(text));
            return text;
        });
        return written.IsOk ? SysResult.Ok : written.Errno;
    }

    private SysResult<T> Try<T>(string path, Func<string, SysResult<T>> read)
    {
        var full = Path.GetFullPath(Path.Combine(_root, path));
        if (path.StartsWith('/') || (full != _root && !full.StartsWith(_root + "/", StringComparison.Ordinal)))
        {
            return Errno.ENOENT;
        }

        try
        {
            return read(full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return ErrnoOf(failure);
        }
    }

    private static Errno ErrnoOf(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => Errno.ENOENT,
        UnauthorizedAccessException => Errno.EACCES,
        // KERNEL: on Unix the runtime keeps a raw errno as HResult where it has no exception of its own for it.
        { HResult: > 0 and < 4096 } => new Errno(failure.HResult),
        _ => Errno.EIO,
    };
}
