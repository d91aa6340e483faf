namespace Vmm.Iommu.Topology;

/// <summary>
/// A peer's BAR to which a switch or bridge may route a device's DMA before it reaches the IOMMU. Shown for judgement;
/// it is neither reserved by the IOMMU nor ever cut out of the valid IOVAs.
/// </summary>
/// <param name="Device">The peer.</param>
/// <param name="Resource">Its BAR, in bus addresses.</param>
public sealed record RoutingHazard(HostDevice Device, DeviceResource Resource)
{
    /// <summary>The hazards inside a group: the memory BARs of its members, where it has more than one.</summary>
    public static IReadOnlyList<RoutingHazard> Within(HostTopology topology, IommuGroupId group)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var members = topology.DevicesOf(group);
        return members.Count < 2
            ? []
            :
            [
                .. from device in members
                   where !device.IsBridge
                   from resource in device.Resources
                   where resource.IsMemory
                   select new RoutingHazard(device, resource),
            ];
    }
}
