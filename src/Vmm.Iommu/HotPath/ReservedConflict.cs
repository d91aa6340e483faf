using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.HotPath;

/// <summary>A hole that a mapping lies in the way of.</summary>
/// <param name="Region">The hole, with its owner.</param>
/// <param name="Mapping">The lowest mapping that overlaps it.</param>
public sealed record ReservedConflict(ReservedRegion Region, IovaRange Mapping)
{
    /// <summary>Both, in words.</summary>
    public override string ToString() => $"{Region.Kind} region {Region.Range} of {Region.Owner} overlaps the mapping {Mapping}";
}
