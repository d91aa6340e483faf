using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Planning;

/// <summary>What one hole costs the section that it is cut out of.</summary>
/// <param name="Hole">What is cut out: every page that the hole touches, inside the section.</param>
/// <param name="PageBefore">The largest page that would lie around it, in bytes; zero where nothing can be mapped.</param>
/// <param name="PageAfter">The largest that is left in the place of that page; zero where nothing is.</param>
/// <param name="ExtraEntries">Page-table entries more than without it; below zero where it takes whole pages away.</param>
public sealed record HoleCost(IovaRange Hole, ulong PageBefore, ulong PageAfter, Int128 ExtraEntries);
