using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Containers;

/// <summary>What the kernel says about a container now; every attach and detach may change it.</summary>
/// <param name="Windows">
/// Where IOVAs may be mapped; null where the kernel reports nothing, as before the first group with a real IOMMU.
/// Null is no limit known, an empty list is nothing allowed.
/// </param>
/// <param name="PageSizes">Page sizes; the smallest is the alignment of every map and unmap.</param>
/// <param name="EntriesLeft">Mappings that can still be made; null where the kernel does not say.</param>
public sealed record ContainerInfo(ValidIovaRanges? Windows, PageSizes PageSizes, uint? EntriesLeft);
