using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>One mapping of an IOAS: a piece of some pages at an IOVA.</summary>
/// <param name="range">Where.</param>
/// <param name="pages">Of which pages.</param>
/// <param name="startByte">Where in them it begins, in bytes from the first page's start.</param>
/// <param name="access">What devices may do.</param>
internal sealed class IoasArea(IovaRange range, IoasPages pages, ulong startByte, DmaAccess access)
{
    public IovaRange Range => range;

    public ulong Length => range.Last.Value - range.Start.Value + 1;

    public IoasPages Pages => pages;

    public ulong StartByte => startByte;

    public DmaAccess Access => access;

    /// <summary>How far into its page the area begins.</summary>
    public ulong PageOffset => startByte % IoasPages.PageSize;

    /// <summary>True while its pages are pinned for a page table.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Indexes of the pages that it touches.</summary>
    public IovaRange Touched => IovaRange.FromBounds(startByte / IoasPages.PageSize, (startByte + (range.Last.Value - range.Start.Value)) / IoasPages.PageSize);

    /// <summary>The byte of the pages that an IOVA of the area stands for.</summary>
    public ulong ByteAt(Iova iova) => startByte + (iova.Value - range.Start.Value);
}
