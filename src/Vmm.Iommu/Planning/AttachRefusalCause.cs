namespace Vmm.Iommu.Planning;

/// <summary>Which rule a plan refuses by.</summary>
public enum AttachRefusalCause
{
    /// <summary>A driver of the host owns the group's DMA.</summary>
    NotViable,

    /// <summary>No IOMMU stands in front of the device: it cannot share a space with guest memory.</summary>
    NoIommu,

    /// <summary>Firmware needs a 1:1 mapping of the group.</summary>
    DirectRegion,

    /// <summary>Guest memory lies where the group's IOMMU cannot map.</summary>
    Conflict,

    /// <summary>Nothing could be mapped at all.</summary>
    NoWindow,

    /// <summary>The caller forbids what would be needed: a second container, or other windows.</summary>
    Policy,

    /// <summary>The view needs more mappings than a container holds.</summary>
    Entries,
}
