namespace Vmm.Iommu.GuestMemory;

/// <summary>What the file behind a block of memory is: it decides whether the kernel can pin the file's pages.</summary>
public enum RamFile
{
    /// <summary>No file, or one whose pages cannot be pinned by the file: a disk file, a device node.</summary>
    Other,

    /// <summary>A memfd, or a file of tmpfs or hugetlbfs.</summary>
    Memory,

    /// <summary>A dma-buf: parts of a device's BAR, which cannot be pinned by their process address.</summary>
    DmaBuf,
}
