namespace Vmm.Iommu.HotPath;

/// <summary>Gives each ring an OS thread of its own.</summary>
public sealed class IoctlWorkers : IRingWorkers
{
    /// <inheritdoc/>
    public IRingWorker Start(ContainerRing ring, string name) => IoctlWorker.Start(ring, $"ioctl {name}");
}
