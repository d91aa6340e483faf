namespace Vmm.Iommu.AddressSpaces;

/// <summary>What a section of an address space shows.</summary>
public enum SectionKind
{
    /// <summary>Guest RAM, a ROM image or a RAM alias: mapped for devices, read-only where the section says so.</summary>
    Ram,

    /// <summary>A mapped BAR of a device: mapped for peer-to-peer, and skipped where that cannot be.</summary>
    RamDevice,

    /// <summary>RAM that the host cannot pin, such as SGX EPC: never mapped.</summary>
    ProtectedRam,

    /// <summary>Translated by a vIOMMU: its mappings come one by one.</summary>
    Iommu,

    /// <summary>Flash in ROM mode (QEMU's romd): reads are memory, writes trap; never mapped.</summary>
    RomDevice,

    /// <summary>Trapped: MMIO, containers and whatever else is no memory.</summary>
    Io,
}
