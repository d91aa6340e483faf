namespace Vmm.Iommu.Results;

/// <summary>How a map or unmap ended.</summary>
public enum MapStatus
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The kernel refused; the errno says how.</summary>
    Refused,

    /// <summary>The range is empty, misaligned or ends past 2^64-1.</summary>
    BadRange,

    /// <summary>The range is not wholly inside one valid IOVA window.</summary>
    OutsideWindows,

    /// <summary>Something is mapped there already.</summary>
    Overlaps,

    /// <summary>No mapping entries are left.</summary>
    OutOfMappings,

    /// <summary>Nothing mapped there, or the range would cut a mapping in two.</summary>
    NotMapped,

    /// <summary>An unmap failed here before: the range is neither free nor usable.</summary>
    Tainted,

    /// <summary>The memory behind it has left the address space.</summary>
    MemoryGone,

    /// <summary>The container is closed or closing.</summary>
    Closed,

    /// <summary>A vIOMMU's map or unmap outside the IOMMU sections in force.</summary>
    NotHot,

    /// <summary>The windows have changed since the generation that the caller named: it looks again before it asks again.</summary>
    Stale,

    /// <summary>The target of a vIOMMU's map is not wholly RAM of one block in system memory.</summary>
    NotRam,
}
