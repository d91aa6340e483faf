using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>What a plan for one container keeps to.</summary>
/// <param name="Mode">How it cuts and compares.</param>
/// <param name="Windows">Where the container can map; pieces that are not wholly inside are planned as outside.</param>
/// <param name="Cuts">Where RAM is cut; unused in mode <see cref="MappingPlanMode.Qemu"/>.</param>
public sealed record MappingRules(MappingPlanMode Mode, ValidIovaRanges Windows, FixedCuts Cuts)
{
    /// <summary>Rules for a container whose cuts suit a view.</summary>
    /// <param name="target">What is to be mapped.</param>
    /// <param name="pages">The container's page sizes.</param>
    /// <param name="entries">Mappings that it can hold in all.</param>
    /// <param name="windows">Where it can map.</param>
    /// <param name="mode">How plans cut and compare.</param>
    public static MappingRules For(
        IEnumerable<DmaSection> target,
        PageSizes pages,
        long entries,
        ValidIovaRanges windows,
        MappingPlanMode mode = MappingPlanMode.Steady) =>
        new(mode, windows, FixedCuts.For(target, pages, entries));
}
