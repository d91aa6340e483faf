using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.HotPath;

/// <summary>What a container allows, as of one generation. Immutable; safe to read from any thread.</summary>
/// <param name="Generation">Counts publications of this container from 1; never repeats.</param>
/// <param name="Windows">Where IOVAs may be mapped: the kernel's windows less every hole known here.</param>
/// <param name="AreWindowsKnown">False where the kernel reports no windows, so that only our own holes limit.</param>
/// <param name="PageSizes">Page sizes; the smallest is the alignment of every map and unmap.</param>
/// <param name="EntriesLeft">Mappings that could still be made when this was published; null where the kernel does not say.</param>
public sealed record ContainerSnapshot(
    long Generation,
    ValidIovaRanges Windows,
    bool AreWindowsKnown,
    PageSizes PageSizes,
    uint? EntriesLeft);
