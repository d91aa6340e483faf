namespace Vmm.Iommu.AddressSpaces;

/// <summary>Why a section of a view is not mapped for devices.</summary>
public enum SkipReason
{
    /// <summary>It is mapped.</summary>
    None = 0,

    /// <summary>It is trapped, flash in ROM mode, or translated by a vIOMMU.</summary>
    NotMemory,

    /// <summary>The host cannot pin it.</summary>
    Protected,

    /// <summary>It begins at or above 2^63: a BAR that the guest is sizing.</summary>
    AboveTopBit,

    /// <summary>Its address and its offset in the memory region differ within a host page.</summary>
    MisplacedInPage,

    /// <summary>No whole host page is in it.</summary>
    SmallerThanPage,

    /// <summary>A BAR whose ends are not multiples of the IOMMU's page.</summary>
    MisalignedForIommu,

    /// <summary>A BAR without a dma-buf, where that is the only way to map one.</summary>
    NoDmaBuf,
}
