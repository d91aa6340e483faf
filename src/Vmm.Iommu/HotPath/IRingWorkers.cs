using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.HotPath;

/// <summary>Where rings get their workers, and guest memory those who populate it: OS threads in production, steps in a seeded order in tests.</summary>
public interface IRingWorkers
{
    /// <summary>A worker for one ring, ready to be woken. Called by the ring's constructor, as its last step.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="name">What people see: <c>container-1</c>.</param>
    IRingWorker Start(ContainerRing ring, string name);

    /// <summary>Has memory populated by as many as are worth it; returns at once, and the population says when it has ended.</summary>
    /// <param name="population">The population, not begun.</param>
    void Populate(RamPopulation population);
}
