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
            return IsFile(full) ? Errno.ENOTDIR : ErrnoOfMissing(full);
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
            return ErrnoOf(full, failure);
        }
    }

    private static Errno ErrnoOf(string full, Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => ErrnoOfMissing(full),
        UnauthorizedAccessException => Directory.Exists(full) ? Errno.EISDIR : Errno.EACCES,
        // KERNEL: on Unix the runtime keeps a raw errno as HResult where it has no exception of its own for it.
        { HResult: > 0 and < 4096 } => new Errno(failure.HResult),
        _ => Errno.EIO,
    };

    /// <summary>The runtime says "not found" for a file in place of a directory and for a loop of links too.</summary>
    private static Errno ErrnoOfMissing(string full)
    {
        for (var path = full; !string.IsNullOrEmpty(path); path = Path.GetDirectoryName(path))
        {
            if (IsLoop(path))
            {
                return Errno.ELOOP;
            }

            if (path != full && IsFile(path))
            {
                return Errno.ENOTDIR;
            }
        }

        return Errno.ENOENT;
    }

    /// <summary>The runtime takes a link that leads nowhere for a file.</summary>
    private static bool IsFile(string path) =>
        File.Exists(path) && !IsLoop(path) && (new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.Exists ?? true);

    private static bool IsLoop(string path)
    {
        var link = new FileInfo(path);
        if (link.LinkTarget is null)
        {
            return false;
        }

        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) is null;
        }
        catch (IOException)
        {
            // The runtime follows as many links as the kernel does, then gives up this way.
            return true;
        }
    }
}
