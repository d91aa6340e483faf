using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Planning;

/// <summary>RAM that a proposed layout puts elsewhere.</summary>
/// <param name="Region">The memory region's name.</param>
/// <param name="Offset">Offset of the first byte in the region, in bytes.</param>
/// <param name="From">Where it is, both ends inclusive.</param>
/// <param name="To">Where it would be; as long.</param>
public sealed record LayoutMove(string Region, ulong Offset, IovaRange From, IovaRange To);
