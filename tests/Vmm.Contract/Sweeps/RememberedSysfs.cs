using System.Collections.Concurrent;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Contract.Sweeps;

/// <summary>A sysfs that nobody changes: what was read once is answered from then on.</summary>
internal sealed class RememberedSysfs(ISysfs inner) : ISysfs
{
    private readonly ConcurrentDictionary<string, SysResult<IReadOnlyList<string>>> _lists = new();
    private readonly ConcurrentDictionary<string, SysResult<string>> _texts = new();
    private readonly ConcurrentDictionary<string, SysResult<string>> _links = new();

    public SysResult<IReadOnlyList<string>> List(string path) => _lists.GetOrAdd(path, inner.List);

    public SysResult<string> ReadText(string path) => _texts.GetOrAdd(path, inner.ReadText);

    public SysResult<string> ReadLink(string path) => _links.GetOrAdd(path, inner.ReadLink);

    public SysResult WriteText(string path, string text) => inner.WriteText(path, text);
}
