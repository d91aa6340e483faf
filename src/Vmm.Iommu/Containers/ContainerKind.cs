namespace Vmm.Iommu.Containers;

/// <summary>What stands behind a container.</summary>
public enum ContainerKind
{
    /// <summary>Type1 version 1: an unmap takes whole mappings and answers 0 bytes when it would cut one.</summary>
    Type1V1,

    /// <summary>Type1 version 2: an unmap that would cut a mapping is refused.</summary>
    Type1V2,

    /// <summary>An IOAS of iommufd: an unmap takes whole mappings, and there is no limit on their number.</summary>
    Iommufd,

    /// <summary>No IOMMU: devices see the host's memory as it is, and nothing can be mapped.</summary>
    NoIommu,
}
