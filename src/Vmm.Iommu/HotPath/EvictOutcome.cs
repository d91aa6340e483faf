using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>How an eviction ended.</summary>
/// <param name="IsDone">True when the group is outside.</param>
/// <param name="Errno">
/// What the kernel answered to the detach; after a detach that was done, to the question what holds now, in which case the
/// old windows stay in force. None when all went well.
/// </param>
/// <param name="Words">What went wrong; empty when nothing did.</param>
/// <param name="IsBackendGone">True when this was the last group: the kernel has freed the backend and every mapping.</param>
/// <param name="Unmapped">Mappings that were unmapped for it, which is all of them for the last group, also where its detach is refused then.</param>
/// <param name="Snapshot">What the container allows now.</param>
public sealed record EvictOutcome(
    bool IsDone,
    Errno Errno,
    string Words,
    bool IsBackendGone,
    int Unmapped,
    ContainerSnapshot Snapshot);
