namespace Vmm.Testing.Emulation;

/// <summary>Why an access of a device did not arrive.</summary>
public enum DmaFault
{
    /// <summary>It arrived.</summary>
    None,

    /// <summary>Nothing is mapped at the address.</summary>
    NotMapped,

    /// <summary>The mapping does not let devices read.</summary>
    NoReadAccess,

    /// <summary>The mapping does not let devices write.</summary>
    NoWriteAccess,

    /// <summary>The group is owned by user space, and no page table is attached: all its DMA is blocked.</summary>
    Blocked,

    /// <summary>The group is in no container: its DMA goes through the kernel's own domain, which is not emulated.</summary>
    NotAssigned,

    /// <summary>No IOMMU serves the device: its DMA is not translated at all.</summary>
    NoGroup,

    /// <summary>The device joined its group late, on a kernel that leaves such a device out of the group's page table.</summary>
    OutsideDomain,

    /// <summary>The address lies in the interrupt window: a write there is an interrupt, not DMA.</summary>
    InterruptWindow,

    /// <summary>The mapping is of addresses that were only declared: there is no memory behind them.</summary>
    NoMemoryBehind,
}
