namespace Vmm.Iommu.Topology;

/// <summary>An IOMMU of the host, from <c>/sys/class/iommu</c>.</summary>
/// <param name="Name">Its name, such as <c>dmar0</c>, <c>ivhd0</c> or <c>smmu3.0x9050000</c>.</param>
/// <param name="Devices">Names of the devices that it serves, in ordinal order.</param>
public sealed record HostIommu(string Name, IReadOnlyList<string> Devices);
