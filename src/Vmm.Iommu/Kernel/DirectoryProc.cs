using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>A /proc below a directory.</summary>
/// <param name="root">The directory that stands for /proc.</param>
public sealed class DirectoryProc(string root) : IProc
{
    // The errnos that the runtime hides are found in the same way in every tree of small files.
    private readonly DirectorySysfs _tree = new(root);

    /// <inheritdoc/>
    public SysResult<IReadOnlyList<string>> List(string path) => _tree.List(path);

    /// <inheritdoc/>
    public SysResult<string> ReadText(string path) => _tree.ReadText(path);

    /// <inheritdoc/>
    public SysResult<string> ReadLink(string path) => _tree.ReadLink(path);
}
