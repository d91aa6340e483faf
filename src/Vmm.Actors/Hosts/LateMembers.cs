using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>
/// What a change of the host means for groups in use. A device that turns up in one is held unused until somebody attaches it;
/// a host driver bound inside one breaks its isolation.
/// </summary>
internal static class LateMembers
{
    /// <summary>The event for a change; null when it concerns no group. Notes in the ledger who is held unused.</summary>
    public static HostProtocol.GroupChanged? EventOf(TopologyChange change, HostTopology after, HostLedger ledger)
    {
        switch (change)
        {
            case TopologyChange.DeviceArrived { Device: { Group: { } group } device }:
                if (ledger.HolderOf(group.Value) is not null)
                {
                    ledger.Hold(device.Name);
                }

                return Event(ledger, group, GroupChange.DeviceArrived, device, StateOf(device, group, ledger), RegionsOf(group, after));
            case TopologyChange.DeviceLeft { Device: { Group: { } group } device }:
                ledger.Unhold(device.Name);
                return Event(ledger, group, GroupChange.DeviceLeft, device, LateMemberState.Gone, []);
            case TopologyChange.DriverChanged { Device: { Group: { } group } device, Before: var before } when before.Driver != device.Driver:
                return Event(ledger, group, GroupChange.DriverChanged, device, StateOf(device, group, ledger), []);
            case TopologyChange.RegionsChanged changed:
                return Event(ledger, changed.Group, GroupChange.RegionsChanged, null, UseOf(changed.Group, ledger), [.. changed.Reserved.Regions.Except(changed.Before.Regions)]);
            case TopologyChange.GroupAppeared { Group: var group }:
                return Event(ledger, group.Id, GroupChange.GroupAppeared, null, LateMemberState.Free, [.. group.Reserved.Regions]);
            case TopologyChange.GroupVanished { Group: var group }:
                return Event(ledger, group.Id, GroupChange.GroupVanished, null, LateMemberState.Gone, []);
            default:
                return null;
        }
    }

    private static LateMemberState UseOf(IommuGroupId group, HostLedger ledger) =>
        ledger.HolderOf(group.Value) is not null ? LateMemberState.InUse : LateMemberState.Free;

    private static LateMemberState StateOf(HostDevice device, IommuGroupId group, HostLedger ledger)
    {
        if (ledger.HolderOf(group.Value) is null)
        {
            return LateMemberState.Free;
        }

        if (device.Binding == DriverBinding.UsesDmaApi)
        {
            return LateMemberState.BreaksIsolation;
        }

        return ledger.IsHeld(device.Name) ? LateMemberState.HeldUnused : LateMemberState.InUse;
    }

    private static IReadOnlyList<ReservedRegion> RegionsOf(IommuGroupId group, HostTopology after) =>
        after.TryGetGroup(group, out var found) ? [.. found.Reserved.Regions] : [];

    private static HostProtocol.GroupChanged Event(
        HostLedger ledger,
        IommuGroupId group,
        GroupChange change,
        HostDevice? device,
        LateMemberState state,
        IReadOnlyList<ReservedRegion> regions) =>
        new(0, group.Value, change, device?.Name ?? string.Empty, device?.Driver, ledger.HolderOf(group.Value), state, regions);
}
