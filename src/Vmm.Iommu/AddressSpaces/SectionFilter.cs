using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>
/// Decides which sections of a view are mapped for devices, and which part of them. Removal uses the same answer as
/// addition, so what was never mapped is never unmapped. Pure.
/// </summary>
/// <param name="hostPageSize">The host's page size in bytes, a power of two.</param>
/// <param name="pages">The IOMMU's page sizes.</param>
/// <param name="takesBarsByFile">KERNEL: true for iommufd, which maps a BAR by its dma-buf and never by its process address.</param>
public sealed class SectionFilter(ulong hostPageSize, PageSizes pages, bool takesBarsByFile = false)
{
    private const ulong TopBit = 1UL << 63;
    private readonly ulong _inPage = ulong.IsPow2(hostPageSize)
        ? hostPageSize - 1
        : throw new ArgumentException($"A page size is a power of two, not {hostPageSize}.", nameof(hostPageSize));

    /// <summary>A filter for hosts of 4 KiB pages and an IOMMU of 4 KiB pages.</summary>
    public static SectionFilter FourKiB { get; } = new(0x1000, PageSizes.FourKiB);

    /// <summary>Judges a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="dma">What to map when the answer is <see cref="SkipReason.None"/>.</param>
    // QEMU: the order of the tests is the listener's; it decides which reason a section is skipped for.
    public SkipReason Judge(MemorySection section, out DmaSection? dma)
    {
        ArgumentNullException.ThrowIfNull(section);
        dma = null;
        if (section.Kind == SectionKind.ProtectedRam)
        {
            return SkipReason.Protected;
        }

        if (section.Kind is not (SectionKind.Ram or SectionKind.RamDevice) || section.Block is null)
        {
            return SkipReason.NotMemory;
        }

        var place = Place(section, out var range);
        if (place != SkipReason.None)
        {
            return place;
        }

        if (section.Kind == SectionKind.RamDevice && !pages.IsAligned(range))
        {
            return SkipReason.MisalignedForIommu;
        }

        if (section.Kind == SectionKind.RamDevice && takesBarsByFile && section.Block.File != RamFile.DmaBuf)
        {
            return SkipReason.NoDmaBuf;
        }

        dma = new(range, section.Block, section.OffsetInBlock + (range.Start.Value - section.Range.Start.Value), section.Access, section.IsSkippable, section.Name);
        return SkipReason.None;
    }

    /// <summary>Judges a section that a vIOMMU translates: where its mappings may come.</summary>
    /// <param name="section">The section.</param>
    /// <param name="window">Its whole host pages.</param>
    /// <returns>False for sections of other kinds, and where the listener would skip it.</returns>
    // QEMU: the same tests in the same order as for RAM.
    public bool TryFilterHot(MemorySection section, out IovaRange window)
    {
        ArgumentNullException.ThrowIfNull(section);
        window = default;
        return section.Kind == SectionKind.Iommu && Place(section, out window) == SkipReason.None;
    }

    /// <summary>Judges a section; false when it is not mapped.</summary>
    public bool TryFilter(MemorySection section, [NotNullWhen(true)] out DmaSection? dma)
    {
        Judge(section, out dma);
        return dma is not null;
    }

    /// <summary>The mapped sections of a view, or of a part of one, in the order given.</summary>
    public IReadOnlyList<DmaSection> Filter(IEnumerable<MemorySection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        var kept = new List<DmaSection>(sections is IReadOnlyCollection<MemorySection> known ? known.Count : 0);
        foreach (var section in sections)
        {
            if (TryFilter(section, out var dma))
            {
                kept.Add(dma);
            }
        }

        return kept;
    }

    /// <summary>A reason in words, for people; empty for <see cref="SkipReason.None"/>.</summary>
    public static string Explain(SkipReason reason) => reason switch
    {
        SkipReason.None => string.Empty,
        SkipReason.NotMemory => "no memory that devices could reach directly",
        SkipReason.Protected => "protected memory, which the host cannot pin",
        SkipReason.AboveTopBit => "it begins at or above 2^63, as a BAR does while its size is being read",
        SkipReason.MisplacedInPage => "its address and its place in the memory region differ within a page",
        SkipReason.SmallerThanPage => "it holds no whole page of the host",
        SkipReason.NoDmaBuf => "no dma-buf: iommufd maps a BAR by one, which takes a kernel with VFIO_PCI_DMABUF and a device that other devices can reach",
        _ => "its ends are no multiples of the IOMMU's smallest page",
    };

    /// <summary>The whole host pages of a section, and why it is skipped for where it lies.</summary>
    private SkipReason Place(MemorySection section, out IovaRange range)
    {
        range = default;
        var start = section.Range.Start.Value;
        if ((start & TopBit) != 0)
        {
            return SkipReason.AboveTopBit;
        }

        if ((start & _inPage) != (section.OffsetInRegion & _inPage))
        {
            return SkipReason.MisplacedInPage;
        }

        return TryTrim(section.Range, out range) ? SkipReason.None : SkipReason.SmallerThanPage;
    }

    private bool TryTrim(IovaRange range, out IovaRange trimmed)
    {
        // 128 bits: the end of a section may be 2^64.
        var start = ((UInt128)range.Start.Value + _inPage) & ~(UInt128)_inPage;
        var end = ((UInt128)range.Last.Value + 1) & ~(UInt128)_inPage;
        trimmed = start < end ? IovaRange.FromBounds((ulong)start, (ulong)(end - 1)) : default;
        return start < end;
    }
}
