namespace Vmm.Iommu.GuestMemory;

/// <summary>How far a population is.</summary>
/// <param name="Done">Bytes populated.</param>
/// <param name="Total">Bytes to populate in all.</param>
public readonly record struct PopulationProgress(ulong Done, ulong Total);
