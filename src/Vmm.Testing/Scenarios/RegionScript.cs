using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Scenarios;

/// <summary>A reserved region of a host.</summary>
/// <param name="Kind">What sort.</param>
/// <param name="Range">Where, both ends inclusive.</param>
public sealed record RegionScript(ReservedRegionKind Kind, IovaRange Range);
