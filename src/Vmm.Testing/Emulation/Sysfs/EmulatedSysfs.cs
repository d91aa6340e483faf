using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>Reads of a sysfs tree, with the errno of the system calls.</summary>
internal static class EmulatedSysfs
{
    public static SysResult<IReadOnlyList<string>> List(SysfsTree tree, string path)
    {
        var found = Find(tree, path, followLast: true);
        return !found.IsOk ? found.Errno
            : found.Value.Children is { } children ? children.Keys.ToList()
            : Errno.ENOTDIR;
    }

    public static SysResult<string> ReadText(SysfsTree tree, string path)
    {
        // Attributes that can only be written are not in a captured tree, and are there all the same.
        var found = Find(tree, path, followLast: true);
        return !found.IsOk ? SysfsWrites.IsWriteOnly(tree, path) ? Errno.EACCES : found.Errno
            : found.Value.Text is { } text ? text
            : Errno.EISDIR;
    }

    public static SysResult<string> ReadLink(SysfsTree tree, string path)
    {
        var found = Find(tree, path, followLast: false);
        return !found.IsOk ? found.Errno
            : found.Value.Target is { } target ? target
            : Errno.EINVAL;
    }

    private static SysResult<SysfsNode> Find(SysfsTree tree, string path, bool followLast) =>
        path.StartsWith('/') ? Errno.ENOENT : tree.Find(path, followLast);
}
