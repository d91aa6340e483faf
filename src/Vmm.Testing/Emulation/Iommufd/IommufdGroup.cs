namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>What an iommufd makes of an IOMMU group while one of its devices is bound: all its devices share one page table.</summary>
internal sealed class IommufdGroup(EmulatedGroup host)
{
    public EmulatedGroup Host => host;

    /// <summary>Devices bound.</summary>
    public int Bound { get; set; }

    /// <summary>Devices attached, the first one first.</summary>
    public List<DeviceObject> Attached { get; } = [];

    /// <summary>The page table that all DMA of the group goes through; null blocks it.</summary>
    public HwptObject? PageTable { get; set; }

    /// <summary>The IOMMU of the group; a device without one cannot be bound.</summary>
    public IommuUnit Unit => host.Unit!;
}
