namespace Vmm.Iommu.Mappings;

/// <summary>The life of a mapping.</summary>
public enum MappingState : byte
{
    /// <summary>In the IOMMU.</summary>
    Live,

    /// <summary>Being unmapped, or its unmap failed: neither usable nor free.</summary>
    Dying,
}
