namespace Vmm.Testing.Scenarios;

/// <summary>A device that a scenario adds to a host.</summary>
/// <param name="Address">Its name in sysfs; for a PCI function its address, such as <c>0000:08:00.0</c>.</param>
/// <param name="Group">Its IOMMU group, made where it is not there; null for a device that no IOMMU serves.</param>
public sealed record DeviceScript(string Address, int? Group)
{
    /// <summary>Its bus: <c>pci</c>, <c>platform</c>, <c>amba</c>, <c>cdx</c>, <c>fsl-mc</c>, <c>ap</c> or <c>ccw</c>.</summary>
    public string Bus { get; init; } = "pci";

    /// <summary>The driver that takes it when it comes; null for none.</summary>
    public string? Driver { get; init; }

    /// <summary>Sizes of its memory BARs from BAR 0, in bytes; 0 for an absent one.</summary>
    public IReadOnlyList<ulong> Bars { get; init; } = [];

    /// <summary>The IOMMU that serves it; null for the host's first.</summary>
    public string? Iommu { get; init; }

    /// <summary>True for conventional PCI: its requests carry the name of the bridge above it.</summary>
    public bool IsConventional { get; init; }

    /// <summary>Reserved regions that it brings into its group.</summary>
    public IReadOnlyList<RegionScript> Reserved { get; init; } = [];
}
