using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Containers;

/// <summary>A part of a device's region that is mapped into this process.</summary>
/// <param name="Region">The region's number.</param>
/// <param name="OffsetInRegion">Where the part begins in the region, in bytes.</param>
/// <param name="Block">The mapped bytes; the device retires it when it is released.</param>
public sealed record BarMapping(uint Region, ulong OffsetInRegion, RamBlock Block);
