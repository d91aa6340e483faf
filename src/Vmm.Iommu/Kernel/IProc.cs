using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>
/// What the tree under /proc says of this process, of others and of the kernel: limits, rights, who holds a node. Read only. Paths
/// are relative to it: <c>self/limits</c>, <c>4711/fd/12</c>, <c>sys/kernel/osrelease</c>. A path never leaves the tree. Never
/// throws, logs or retries.
/// </summary>
public interface IProc
{
    /// <summary>Names in a directory, in ordinal order. Processes come and go while they are listed.</summary>
    /// <returns>The names; EACCES for the descriptors of a process that is somebody else's, ENOENT for one that has ended.</returns>
    SysResult<IReadOnlyList<string>> List(string path);

    /// <summary>The text of a file, as it stands.</summary>
    SysResult<string> ReadText(string path);

    /// <summary>What a link says: of <c>self/fd/N</c> the node or the thing that is open.</summary>
    /// <returns>The target; EINVAL when the path is not a link.</returns>
    SysResult<string> ReadLink(string path);
}
