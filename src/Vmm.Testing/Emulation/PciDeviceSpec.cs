using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Emulation;

/// <summary>A PCI function to be added to a host.</summary>
/// <param name="Name">Its address: <c>0000:01:00.0</c>.</param>
public sealed record PciDeviceSpec(string Name)
{
    /// <summary>The driver that its id matches and that takes it when it comes; null for none.</summary>
    public string? Driver { get; init; }

    /// <summary>Vendor and device id: <c>8086:10D3</c>, upper case.</summary>
    public string Id { get; init; } = "1234:11E8";

    /// <summary>Subsystem vendor and device id, upper case.</summary>
    public string SubsystemId { get; init; } = "1AF4:1100";

    /// <summary>Class code, 24 bits.</summary>
    public uint Class { get; init; } = 0x020000;

    /// <summary>BARs 0 to 5 and ROM; a missing one is absent.</summary>
    public IReadOnlyList<PciBar> Bars { get; init; } = [];

    /// <summary>True for PCI Express.</summary>
    public bool IsExpress { get; init; } = true;

    /// <summary>True when a reset of this function alone is possible.</summary>
    public bool CanReset { get; init; } = true;

    /// <summary>Its message interrupts.</summary>
    public InterruptVectors Vectors { get; init; } = new(1, 0);

    /// <summary>Reserved regions that it brings.</summary>
    public IReadOnlyList<ReservedRegion> Reserved { get; init; } = [];

    /// <summary>Its IOMMU by name; null for the host's first.</summary>
    public string? Unit { get; init; }

    /// <summary>Directory above it in sysfs; null for <c>devices/pciDDDD:BB</c> of its own address.</summary>
    public string? Parent { get; init; }
}
