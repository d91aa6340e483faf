using Vmm.Actors.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;

namespace Vmm.Actors;

/// <summary>What a VM's actors run on.</summary>
/// <param name="Kernel">The kernel; always said, never defaulted.</param>
/// <param name="Workers">Who executes the containers' rings.</param>
/// <param name="Discard">The VMM's say over discarding RAM.</param>
public sealed record VmmSettings(HostKernel Kernel, IRingWorkers Workers, IRamDiscard Discard)
{
    /// <summary>
    /// What the kernel is asked for. In mode <see cref="MappingPlanMode.Qemu"/> it is asked exactly what QEMU asks: sections are
    /// mapped whole, every map and attach is tried whatever is known to stand against it, and a refusal has QEMU's words.
    /// </summary>
    public MappingPlanMode Mode { get; init; }

    /// <summary>By which path of the kernel devices are opened.</summary>
    public BackendChoice Backend { get; init; }

    /// <summary>The node without which the backend does nothing: <c>/dev/vfio/vfio</c> or <c>/dev/iommu</c>.</summary>
    public string BackendNode => ContainerBackends.NodeOf(Backend, Kernel);

    /// <summary>How long a caller waits for a command before it is taken back. Attaching pins all of a guest's memory, which takes minutes on a large one.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Populate the view's RAM by as many threads as there are cores before it is pinned: for a new container all that is not known to
    /// be populated, for a further view what is more than a slice. A device with an IOMMU that joins a container of mediated ones has
    /// it pinned page by page. Not in mode <see cref="MappingPlanMode.Qemu"/>.
    /// </summary>
    public bool Populate { get; init; } = true;

    /// <summary>Told how far a population is, with the space's name, by the thread that populates; must be quick and must not throw. Null for nobody.</summary>
    public Action<string, PopulationProgress>? OnPopulated { get; init; }

    /// <summary>Requests that a container's ring holds; one less than a power of two wastes no place.</summary>
    public int RingCapacity { get; init; } = 1023;

    /// <summary>Where containers and attaches are measured, for as long as the VM lives; null for nowhere. Ended by whoever made it.</summary>
    public VfioMeters? Meters { get; init; }
}
