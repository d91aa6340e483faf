namespace Vmm.Iommu.Topology;

/// <summary>A device of the host, on whatever bus, with or without a driver. Immutable.</summary>
public sealed record HostDevice
{
    /// <summary>The kernel's name: a PCI address, an mdev's UUID, a platform device's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its bus, such as <c>pci</c>, <c>mdev</c>, <c>platform</c>, <c>amba</c>, <c>cdx</c>, <c>fsl-mc</c>, <c>ap</c> or <c>ccw</c>.</summary>
    public required string Bus { get; init; }

    /// <summary>Its directory below /sys.</summary>
    public required string Path { get; init; }

    /// <summary>Its PCI address; null on other buses.</summary>
    public PciAddress? Pci { get; init; }

    /// <summary>PCI class as 24 bits (base, sub, interface); null on other buses.</summary>
    public uint? PciClass { get; init; }

    /// <summary>PCI vendor; null on other buses.</summary>
    public ushort? Vendor { get; init; }

    /// <summary>PCI device identifier; null on other buses.</summary>
    public ushort? Device { get; init; }

    /// <summary>Its IOMMU group; null when no IOMMU stands in front of it.</summary>
    public IommuGroupId? Group { get; init; }

    /// <summary>Its driver; null when none is bound.</summary>
    public string? Driver { get; init; }

    /// <summary>The only driver that may bind; null when any may.</summary>
    public string? DriverOverride { get; init; }

    /// <summary>The name of its VFIO character device, such as <c>vfio0</c>; null when it has none.</summary>
    public string? VfioDevice { get; init; }

    /// <summary>The IOMMU that serves it, such as <c>dmar0</c>; null when none does.</summary>
    public string? Iommu { get; init; }

    /// <summary>The device that hosts this mediated device; null for others.</summary>
    public string? MdevParent { get; init; }

    /// <summary>The type of this mediated device; null for others.</summary>
    public string? MdevType { get; init; }

    /// <summary>BARs, ROM and bridge windows that are in use; empty for others than PCI.</summary>
    public IReadOnlyList<DeviceResource> Resources { get; init; } = [];

    /// <summary>True for a PCI bridge (to PCI, CardBus, or semi-transparent).</summary>
    public bool IsBridge => PciClass >> 8 is 0x0604 or 0x0607 or 0x0609;

    /// <summary>True for a mediated device.</summary>
    public bool IsMediated => Bus == "mdev";

    /// <summary>What its driver means for its group.</summary>
    /// <remarks>
    /// KERNEL: as of 5.19 a driver that does not set <c>driver_managed_dma</c> claims its group's DMA. Those that set it
    /// are every VFIO driver, pci-stub and the PCIe port driver; drivers of the mdev bus have no DMA of their own.
    /// </remarks>
    public DriverBinding Binding => Driver switch
    {
        null => DriverBinding.None,
        _ when IsMediated || VfioDevice is not null || Driver.Split('-', '_').Contains("vfio") => DriverBinding.Vfio,
        "pci-stub" or "pcieport" => DriverBinding.LeavesDmaAlone,
        _ => IsBridge ? DriverBinding.LeavesDmaAlone : DriverBinding.UsesDmaApi,
    };
}
