using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>Whether a node opens.</summary>
/// <param name="Path">The node.</param>
/// <param name="Errno">What open(2) answered.</param>
/// <param name="Cure">What helps where it does not open, and who holds it where it is busy; null where it opens.</param>
public sealed record NodeAnswer(string Path, Errno Errno, string? Cure)
{
    /// <summary>True when it opens.</summary>
    public bool IsOk => Errno.IsNone;

    /// <summary>Opens a node, lets <paramref name="ask"/> ask it, and closes it.</summary>
    internal static NodeAnswer Of(HostKernel kernel, string path, Action<OwnedFd>? ask = null)
    {
        var opened = OwnedFd.Open(kernel.Devices, "probe", path);
        if (!opened.IsOk)
        {
            var refusal = new ContainerRefusal("open", path, opened.Errno, VfioCures.Open(path, opened.Errno));
            return new NodeAnswer(path, opened.Errno, RefusalFacts.Explain(kernel, refusal).Words);
        }

        ask?.Invoke(opened.Value);
        opened.Value.Close();
        return new NodeAnswer(path, Errno.None, Cure: null);
    }
}
