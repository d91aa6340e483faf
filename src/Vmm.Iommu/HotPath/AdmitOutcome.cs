using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>How an admission, or a change of holes, ended. Refused means: nothing was published and nothing is changed.</summary>
/// <param name="IsDone">True when it was done.</param>
/// <param name="Errno">What the kernel answered; none when it was not asked.</param>
/// <param name="Words">Why it was refused; empty when it was done.</param>
/// <param name="Conflicts">Holes with mappings in them, one entry a hole; empty unless that is the reason.</param>
/// <param name="Snapshot">What the container allows now.</param>
public sealed record AdmitOutcome(
    bool IsDone,
    Errno Errno,
    string Words,
    IReadOnlyList<ReservedConflict> Conflicts,
    ContainerSnapshot Snapshot);
