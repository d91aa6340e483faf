namespace Vmm.Iommu.Planning;

/// <summary>How a plan cuts and compares.</summary>
public enum MappingPlanMode
{
    /// <summary>RAM is cut at fixed places, and a mapping that still says what the view says stays.</summary>
    Steady,

    /// <summary>QEMU: one unmap for each removed section and one map for each added section.</summary>
    Qemu,
}
