namespace Vmm.Lab.Histories;

/// <summary>What the histories of a run are about.</summary>
internal enum Backend
{
    /// <summary>Type1 version 2.</summary>
    Type1,

    /// <summary>Type1 version 1.</summary>
    Type1V1,

    /// <summary>Groups without an IOMMU.</summary>
    NoIommu,

    /// <summary>/dev/iommu and the devices' own nodes.</summary>
    Iommufd,
}
