using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Topology;

/// <summary>An IOMMU group: the smallest set of devices that the IOMMU can tell apart from others. Immutable.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Type">The kernel's word for its default domain, such as <c>DMA</c>; <c>unknown</c> for groups without one.</param>
/// <param name="Name">Its name; null for most groups.</param>
/// <param name="Members">Names of its devices, in ordinal order.</param>
/// <param name="Reserved">Its reserved regions, known or not.</param>
public sealed record IommuGroup(IommuGroupId Id, string Type, string? Name, IReadOnlyList<string> Members, ReservedRegionsReading Reserved)
{
    // KERNEL: groups that VFIO itself makes, for mediated devices and for devices without an IOMMU, carry this name.
    private const string MadeByVfio = "vfio-noiommu";

    /// <summary>True when no IOMMU stands behind it: its devices are mediated, or unprotected.</summary>
    public bool HasNoIommu => Name == MadeByVfio;

    /// <summary>Why a device of the group cannot be given guest memory: nothing translates its DMA. Null where something does, or where it has no DMA of its own.</summary>
    /// <param name="device">A device of the group.</param>
    public string? WhyUnprotected(HostDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return HasNoIommu && !device.IsMediated
            ? $"{device.Name} is in group {Id}, which has no IOMMU ({MadeByVfio}): nothing translates its DMA, so it cannot share a type1 container. Turn the IOMMU on in the firmware and on the kernel's command line."
            : null;
    }
}
