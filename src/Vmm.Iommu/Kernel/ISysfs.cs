using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// The tree under /sys. Paths are relative to it and use '/': <c>kernel/iommu_groups/6/reserved_regions</c>.
/// A path never leaves the tree: <c>..</c> that would is <see cref="Errno.ENOENT"/>. Never throws, logs or retries.
/// </summary>
public interface ISysfs
{
    /// <summary>Names in a directory, in ordinal order. Follows links.</summary>
    /// <returns>The names; ENOENT, ENOTDIR, EACCES, ELOOP as met.</returns>
    SysResult<IReadOnlyList<string>> List(string path);

    /// <summary>The text of an attribute, as it stands, newline and all. Follows links.</summary>
    SysResult<string> ReadText(string path);

    /// <summary>What a symbolic link says, unresolved.</summary>
    /// <returns>The target; EINVAL when the path is not a link.</returns>
    SysResult<string> ReadLink(string path);

    /// <summary>Writes an attribute in one write(2).</summary>
    SysResult WriteText(string path, string text);
}
