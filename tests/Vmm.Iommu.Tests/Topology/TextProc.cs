using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Topology;

/// <summary>A /proc of texts and links that a test writes; a directory is whatever a path lies below.</summary>
internal sealed class TextProc : IProc
{
    private readonly SortedDictionary<string, string> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _closed = [];

    public string this[string path]
    {
        set => _entries[path] = value;
    }

    /// <summary>A directory that this process may not list.</summary>
    public void Close(string directory) => _closed.Add(directory);

    public SysResult<IReadOnlyList<string>> List(string path)
    {
        if (_closed.Contains(path))
        {
            return Errno.EACCES;
        }

        var below = path.Length == 0 ? string.Empty : path + "/";
        var names = _entries.Keys.Concat(_closed).Where(entry => entry.StartsWith(below, StringComparison.Ordinal))
            .Select(entry => entry[below.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? Errno.ENOENT : names;
    }

    public SysResult<string> ReadText(string path) => _entries.TryGetValue(path, out var text) ? text : Errno.ENOENT;

    public SysResult<string> ReadLink(string path) => ReadText(path);
}
