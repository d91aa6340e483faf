namespace Vmm.Iommu.Addressing;

/// <summary>What a device may do to mapped memory. The values are those of VFIO_DMA_MAP_FLAG_READ and _WRITE.</summary>
[Flags]
public enum DmaAccess
{
    /// <summary>Nothing; no mapping has this.</summary>
    None = 0,

    /// <summary>The device may read.</summary>
    Read = 1,

    /// <summary>The device may write.</summary>
    Write = 2,

    /// <summary>The device may read and write.</summary>
    ReadWrite = Read | Write,
}
