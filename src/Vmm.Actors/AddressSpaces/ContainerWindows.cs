using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Actors.AddressSpaces;

/// <summary>The valid IOVAs of one container, as of one generation.</summary>
/// <param name="Container">Number of the container; never used twice.</param>
/// <param name="Generation">Number of the list in the container; never used twice.</param>
/// <param name="Windows">Where it can map.</param>
/// <param name="AreKnown">False where the kernel reports no windows, so that only what is known here limits.</param>
public sealed record ContainerWindows(int Container, long Generation, ValidIovaRanges Windows, bool AreKnown)
{
    /// <summary>Its page sizes; the smallest is the alignment of every map and unmap.</summary>
    public PageSizes PageSizes { get; init; }
}
