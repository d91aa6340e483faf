using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Topology;

/// <summary>One difference between two snapshots of a host.</summary>
public abstract record TopologyChange
{
    private TopologyChange()
    {
    }

    /// <summary>A device is there that was not, or it is in a group now where it was in another or none.</summary>
    /// <param name="Device">As it is now.</param>
    /// <param name="IntoLiveGroup">True when its group was there before: it joins devices that may be in use.</param>
    public sealed record DeviceArrived(HostDevice Device, bool IntoLiveGroup) : TopologyChange;

    /// <summary>A device is gone, or it has left its group.</summary>
    /// <param name="Device">As it was.</param>
    public sealed record DeviceLeft(HostDevice Device) : TopologyChange;

    /// <summary>A driver was bound, unbound or exchanged, or the override changed.</summary>
    /// <param name="Before">The device as it was.</param>
    /// <param name="Device">The device as it is.</param>
    public sealed record DriverChanged(HostDevice Before, HostDevice Device) : TopologyChange;

    /// <summary>A group's reserved regions changed, or became known or unknown.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Before">The regions as they were.</param>
    /// <param name="Reserved">The regions as they are.</param>
    public sealed record RegionsChanged(IommuGroupId Group, ReservedRegionsReading Before, ReservedRegionsReading Reserved) : TopologyChange;

    /// <summary>A group is there that was not.</summary>
    /// <param name="Group">As it is now.</param>
    public sealed record GroupAppeared(IommuGroup Group) : TopologyChange;

    /// <summary>A group is gone.</summary>
    /// <param name="Group">As it was.</param>
    public sealed record GroupVanished(IommuGroup Group) : TopologyChange;
}
