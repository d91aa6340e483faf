namespace Vmm.Iommu.Kernel;

/// <summary>What IOMMU_IOAS_IOVA_RANGES says, as it says it.</summary>
/// <param name="Alignment">What IOVAs and lengths must be multiples of, in bytes.</param>
/// <param name="Ranges">The IOVAs that are not reserved, both ends inclusive.</param>
public sealed record IoasIovas(ulong Alignment, IommufdUapi.IovaRangeEntry[] Ranges);
