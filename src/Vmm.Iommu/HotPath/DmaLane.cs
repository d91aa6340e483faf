namespace Vmm.Iommu.HotPath;

/// <summary>One container of an address space, as its <see cref="DmaMapper"/> sees it.</summary>
/// <param name="Ring">The container.</param>
/// <param name="IsFilling">
/// True while a replay fills it: what it lacks is no failure of an unmap, and what it has already is none of a map.
/// </param>
public readonly record struct DmaLane(ContainerRing Ring, bool IsFilling = false);
