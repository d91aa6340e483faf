using Vmm.Iommu.Reserved;

namespace Vmm.Testing.Emulation;

/// <summary>A device of another bus than PCI, to be added to a host.</summary>
/// <param name="Name">Its name in sysfs: <c>fe300000.mmc</c>.</param>
/// <param name="Bus">Its bus: <c>platform</c>, <c>amba</c>, <c>cdx</c>, <c>fsl-mc</c>, <c>ap</c> or <c>ccw</c>.</param>
public sealed record BusDeviceSpec(string Name, string Bus)
{
    /// <summary>The driver that takes it when it comes, such as <c>vfio-platform</c>; null for none.</summary>
    public string? Driver { get; init; }

    /// <summary>Reserved regions that it brings.</summary>
    public IReadOnlyList<ReservedRegion> Reserved { get; init; } = [];

    /// <summary>Its IOMMU by name; null for the host's first.</summary>
    public string? Unit { get; init; }
}
