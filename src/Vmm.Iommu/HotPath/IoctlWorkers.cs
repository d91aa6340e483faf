using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.HotPath;

/// <summary>Gives each ring an OS thread of its own, and a population as many as there are cores.</summary>
public sealed class IoctlWorkers : IRingWorkers
{
    /// <inheritdoc/>
    public IRingWorker Start(ContainerRing ring, string name) => IoctlWorker.Start(ring, $"ioctl {name}");

    /// <summary>As many threads as there are cores: faulting pages in is work of the processor, and the kernel lets them do it at once.</summary>
    /// <param name="population">The population.</param>
    public void Populate(RamPopulation population)
    {
        ArgumentNullException.ThrowIfNull(population);
        _ = population.Start(Environment.ProcessorCount);
    }
}
