using System.Numerics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>Reads the answer of IOMMU_IOAS_IOVA_RANGES: what it says, or why it cannot be believed.</summary>
/// <param name="Info">What it says; null where it contradicts itself.</param>
/// <param name="Fault">The contradiction, in words; null where there is none.</param>
public sealed record IommufdAnswer(ContainerInfo? Info, string? Fault)
{
    /// <summary>Reads an answer.</summary>
    /// <param name="iovas">As the kernel gave it.</param>
    public static IommufdAnswer Read(IoasIovas iovas)
    {
        ArgumentNullException.ThrowIfNull(iovas);
        if (!BitOperations.IsPow2(iovas.Alignment))
        {
            return Wrong($"IOVAs are to be multiples of {iovas.Alignment} bytes, which is no power of two");
        }

        var ranges = new List<IovaRange>();
        foreach (var entry in iovas.Ranges)
        {
            if (entry.Last < entry.Start)
            {
                return Wrong($"IOVA range {ranges.Count} ends at 0x{entry.Last:x}, below its start 0x{entry.Start:x}");
            }

            if (ranges.Count > 0 && entry.Start <= ranges[^1].Last.Value)
            {
                return Wrong($"IOVA range {ranges.Count} starts at 0x{entry.Start:x}, not above the one before it");
            }

            ranges.Add(IovaRange.FromBounds(entry.Start, entry.Last));
        }

        // KERNEL: before the first page table bytes may be mapped one by one; nobody maps less than a page. Larger pages are not reported.
        var smallest = Math.Max(iovas.Alignment, PageSizes.FourKiB.Smallest);
        return new IommufdAnswer(new ContainerInfo(new ValidIovaRanges(ranges), new PageSizes(smallest), EntriesLeft: null), Fault: null);
    }

    private static IommufdAnswer Wrong(string fault) => new(Info: null, fault);
}
