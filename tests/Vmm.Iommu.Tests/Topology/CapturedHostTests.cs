using System.Collections.Concurrent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Topology;

public class CapturedHostTests
{
    private static readonly ConcurrentDictionary<string, Lazy<HostTopology>> Hosts = new(StringComparer.Ordinal);

    [Theory]
    [InlineData("capture-host", 8)]
    [InlineData("q35-amdvi", 8)]
    [InlineData("q35-vtd", 15)]
    [InlineData("rmrr", 15)]
    [Trait("Requirement", "R1.13")]
    public void Every_captured_host_loads_without_a_problem(string name, int groups)
    {
        var host = Load(name);

        Assert.Empty(host.Problems);
        Assert.Equal(groups, host.Groups.Count);
        Assert.All(host.Groups, group => Assert.True(group.Reserved.IsKnown));
        Assert.All(host.Groups, group => Assert.Equal(group.Members.Count, host.DevicesOf(group.Id).Count));
    }

    [Fact]
    public void A_pci_device_is_read_whole()
    {
        var host = Load("q35-vtd");

        Assert.True(host.TryGetDevice("0000:00:0a.0", out var device));
        Assert.Equal(PciAddress.Parse("0000:00:0a.0"), device.Pci);
        Assert.Equal((0x1b36, 0x000d, 0x0c0330u), ((int)device.Vendor!, (int)device.Device!, device.PciClass!.Value));
        Assert.Equal(new IommuGroupId(7), device.Group);
        Assert.Equal("dmar0", device.Iommu);
        Assert.Null(device.Driver);
        Assert.Null(device.DriverOverride);
        Assert.Equal(new DeviceResource(0, 0xfe004000, 0xfe007fff, 0x140204), device.Resources[0]);
        Assert.Equal("devices/pci0000:00/0000:00:0a.0", device.Path);
    }

    [Fact]
    public void A_mediated_device_knows_parent_type_and_character_device_and_its_group_has_no_regions()
    {
        var host = Load("q35-vtd");

        Assert.True(host.TryGetDevice("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", out var device));
        Assert.Equal(("mtty", "mtty-1", "vfio0"), (device.MdevParent, device.MdevType, device.VfioDevice));
        Assert.True(host.TryGetGroup(device.Group!.Value, out var group));
        Assert.True(group.HasNoIommu);
        Assert.Equal(ReservedRegionSet.Empty, group.Reserved.Regions);
        Assert.True(group.Reserved.IsKnown);
        Assert.True(GroupViability.Of(host, group.Id).IsViable);
    }

    [Fact]
    [Trait("Requirement", "R1.8")]
    [Trait("Requirement", "R1.12")]
    public void Regions_are_read_with_kind_owner_and_source_before_any_domain_exists()
    {
        var host = Load("rmrr");

        Assert.True(host.TryGetGroup(new IommuGroupId(2), out var group));
        Assert.Equal(
            [
                new ReservedRegion(ReservedRegionKind.Direct, IovaRange.FromBounds(0xe8000, 0xe8fff), "group 2", "kernel/iommu_groups/2/reserved_regions"),
                new ReservedRegion(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee00000, 0xfeefffff), "group 2", "kernel/iommu_groups/2/reserved_regions"),
            ],
            group.Reserved.Regions);
    }

    [Fact]
    [Trait("Requirement", "R1.15")]
    public void Groups_of_devices_without_drivers_and_bridges_are_viable_and_native_drivers_are_named()
    {
        var host = Load("q35-vtd");

        Assert.True(GroupViability.Of(host, new IommuGroupId(10)).IsViable);
        var platform = GroupViability.Of(host, new IommuGroupId(8));
        Assert.False(platform.IsViable);
        Assert.StartsWith("group 8 is not viable: ", platform.Explanation, StringComparison.Ordinal);
        Assert.EndsWith("Please ensure all devices within the iommu_group are bound to their vfio bus driver.", platform.Explanation, StringComparison.Ordinal);
        Assert.All(platform.InTheWay, device => Assert.Contains($"{device.Name} is bound to {device.Driver}", platform.Explanation, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "R0.22")]
    [Trait("Requirement", "R1.9")]
    [Trait("Requirement", "R1.11")]
    public void Peer_bars_are_hazards_of_the_group_and_never_holes()
    {
        var host = Load("q35-vtd");

        var hazards = RoutingHazard.Within(host, new IommuGroupId(7));

        Assert.Contains(hazards, hazard => hazard.Device.Name == "0000:00:0a.0" && hazard.Resource.Start == 0xfe004000);
        Assert.True(host.TryGetGroup(new IommuGroupId(7), out var group));
        Assert.Null(group.Reserved.Regions.FirstConflict(IovaRange.FromLength(0xfe004000, 0x4000)));
        Assert.Empty(RoutingHazard.Within(host, new IommuGroupId(2)));
    }

    private static HostTopology Load(string name) => Hosts.GetOrAdd(name, _ => new(() =>
    {
        using var directory = RepositoryFiles.UnpackHost(name);
        return new SysfsTopologyReader(new DirectorySysfs(directory.Path)).Read(1);
    })).Value;
}
