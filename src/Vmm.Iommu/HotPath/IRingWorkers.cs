namespace Vmm.Iommu.HotPath;

/// <summary>Where rings get their workers: OS threads in production, steps in a seeded order in tests.</summary>
public interface IRingWorkers
{
    /// <summary>A worker for one ring, ready to be woken. Called by the ring's constructor, as its last step.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="name">What people see: <c>container-1</c>.</param>
    IRingWorker Start(ContainerRing ring, string name);
}
