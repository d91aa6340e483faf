using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public class TopologyDiffTests
{
    private static readonly HostDevice Nic = new() { Name = "0000:01:00.0", Bus = "pci", Path = "devices/a", Group = new(6), Driver = "vfio-pci" };
    private static readonly HostDevice Disk = new() { Name = "0000:01:00.1", Bus = "pci", Path = "devices/b", Group = new(6) };

    [Fact]
    public void Equal_snapshots_differ_in_nothing() => Assert.Empty(TopologyDiff.Between(Host([Nic, Disk]), Host([Nic, Disk])));

    [Fact]
    [Trait("Requirement", "R0.12")]
    [Trait("Requirement", "R0.13")]
    public void A_device_that_joins_a_group_that_was_there_is_told_apart_from_one_with_a_new_group()
    {
        var elsewhere = Disk with { Name = "0000:02:00.0", Group = new(9) };

        var changes = TopologyDiff.Between(Host([Nic]), Host([Nic, Disk, elsewhere]));

        Assert.Collection(
            changes,
            change => Assert.Equal(new IommuGroupId(9), Assert.IsType<TopologyChange.GroupAppeared>(change).Group.Id),
            change => Assert.Equal(new TopologyChange.DeviceArrived(Disk, IntoLiveGroup: true), change),
            change => Assert.Equal(new TopologyChange.DeviceArrived(elsewhere, IntoLiveGroup: false), change));
    }

    [Fact]
    public void A_device_that_changes_its_group_leaves_and_arrives()
    {
        var moved = Nic with { Group = new(7) };

        var changes = TopologyDiff.Between(Host([Nic, Disk]), Host([moved, Disk]));

        Assert.Equal(
            [typeof(TopologyChange.DeviceLeft), typeof(TopologyChange.GroupAppeared), typeof(TopologyChange.DeviceArrived)],
            changes.Select(change => change.GetType()));
    }

    [Fact]
    public void The_last_device_takes_its_group_with_it()
    {
        var changes = TopologyDiff.Between(Host([Nic]), Host([]));

        Assert.Equal([typeof(TopologyChange.DeviceLeft), typeof(TopologyChange.GroupVanished)], changes.Select(change => change.GetType()));
    }

    [Fact]
    [Trait("Requirement", "R0.13")]
    public void A_driver_an_override_and_new_regions_are_changes_of_their_own()
    {
        var bound = Disk with { Driver = "nvme" };
        var overridden = Nic with { DriverOverride = "vfio-pci" };
        var region = new ReservedRegion(ReservedRegionKind.Reserved, IovaRange.FromLength(0x1000, 0x1000), "group 6", "scenario");

        var changes = TopologyDiff.Between(Host([Nic, Disk]), Host([overridden, bound], region));

        Assert.Equal(new TopologyChange.DriverChanged(Nic, overridden), changes[0]);
        Assert.Equal(new TopologyChange.DriverChanged(Disk, bound), changes[1]);
        Assert.Equal(region, Assert.Single(Assert.IsType<TopologyChange.RegionsChanged>(changes[2]).Reserved.Regions));
        Assert.Equal(3, changes.Count);
    }

    [Fact]
    public void Regions_that_become_unknown_are_a_change_though_none_were_known()
    {
        var known = new HostTopology(1, [new IommuGroup(new(1), "DMA", null, [], ReservedRegionsReading.Known(ReservedRegionSet.Empty))], [], [], []);
        var unknown = new HostTopology(2, [new IommuGroup(new(1), "DMA", null, [], ReservedRegionsReading.Unknown("gone"))], [], [], []);

        Assert.IsType<TopologyChange.RegionsChanged>(Assert.Single(TopologyDiff.Between(known, unknown)));
    }

    private static HostTopology Host(HostDevice[] devices, params ReservedRegion[] regions) => new(
        1,
        devices.GroupBy(device => device.Group!.Value).Select(members => new IommuGroup(
            members.Key, "DMA", null, [.. members.Select(device => device.Name)], ReservedRegionsReading.Known(new ReservedRegionSet(regions)))),
        devices,
        [],
        []);
}
