namespace Vmm.Iommu.Topology;

/// <summary>What changed between two snapshots of a host. Pure.</summary>
public static class TopologyDiff
{
    /// <summary>
    /// The changes, in an order in which they can be applied: devices that left, groups that vanished, groups that
    /// appeared, devices that arrived, drivers, regions; each sort by name or number.
    /// </summary>
    public static IReadOnlyList<TopologyChange> Between(HostTopology before, HostTopology after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return
        [
            .. before.Devices.Where(device => !IsStill(device, after)).Select(device => new TopologyChange.DeviceLeft(device)),
            .. before.Groups.Where(group => !after.TryGetGroup(group.Id, out _)).Select(group => new TopologyChange.GroupVanished(group)),
            .. after.Groups.Where(group => !before.TryGetGroup(group.Id, out _)).Select(group => new TopologyChange.GroupAppeared(group)),
            .. after.Devices.Where(device => !IsStill(device, before)).Select(device =>
                new TopologyChange.DeviceArrived(device, device.Group is { } group && before.TryGetGroup(group, out _))),
            .. DriverChanges(before, after),
            .. RegionChanges(before, after),
        ];
    }

    private static bool IsStill(HostDevice device, HostTopology other) =>
        other.TryGetDevice(device.Name, out var same) && same.Group == device.Group && same.Bus == device.Bus;

    private static IEnumerable<TopologyChange> DriverChanges(HostTopology before, HostTopology after) =>
        from device in after.Devices
        where IsStill(device, before)
        let old = before.TryGetDevice(device.Name, out var found) ? found : device
        where old.Driver != device.Driver || old.DriverOverride != device.DriverOverride || old.VfioDevice != device.VfioDevice
        select new TopologyChange.DriverChanged(old, device);

    private static IEnumerable<TopologyChange> RegionChanges(HostTopology before, HostTopology after) =>
        from @group in after.Groups
        let old = before.TryGetGroup(@group.Id, out var found) ? found : @group
        where old.Reserved != @group.Reserved
        select new TopologyChange.RegionsChanged(@group.Id, old.Reserved, @group.Reserved);
}
