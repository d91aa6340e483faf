namespace Vmm.Iommu.Topology;

/// <summary>What a device's driver means for giving its group to a VM.</summary>
public enum DriverBinding
{
    /// <summary>No driver: nobody does DMA with it.</summary>
    None,

    /// <summary>A VFIO driver: the device can be handed out.</summary>
    Vfio,

    /// <summary>A driver that leaves DMA alone, such as pci-stub or a bridge's: no obstacle.</summary>
    LeavesDmaAlone,

    /// <summary>A driver that uses the DMA API: it owns the group's DMA, so the group is not viable.</summary>
    UsesDmaApi,
}
