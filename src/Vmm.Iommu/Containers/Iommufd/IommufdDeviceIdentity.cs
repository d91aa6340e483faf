namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>Which device a descriptor is: what sysfs knows of it and the descriptor does not say.</summary>
/// <param name="Name">Its name: a PCI address or an mdev's UUID.</param>
/// <param name="Group">Number of its IOMMU group.</param>
/// <param name="IsMediated">True for a device without an IOMMU of its own, such as an mdev.</param>
public sealed record IommufdDeviceIdentity(string Name, int Group, bool IsMediated);
