using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers;

/// <summary>What VFIO_GROUP_GET_STATUS says of a group.</summary>
/// <param name="IsViable">True when no kernel driver outside VFIO uses the group's DMA.</param>
/// <param name="HasContainer">True when a container (or an iommufd) is set.</param>
public readonly record struct VfioGroupStatus(bool IsViable, bool HasContainer)
{
    /// <summary>What flags say.</summary>
    /// <param name="flags">Of VFIO_GROUP_GET_STATUS.</param>
    public static VfioGroupStatus Of(uint flags) => new((flags & VfioUapi.GroupViable) != 0, (flags & VfioUapi.GroupContainerSet) != 0);
}
