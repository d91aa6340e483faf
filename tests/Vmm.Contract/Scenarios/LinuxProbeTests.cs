using Vmm.Actors;
using Vmm.Contract.Hosts;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Scenarios;

/// <summary>What <c>vmm topology</c> and <c>vmm plan --probe</c> rest on, on the devices of this machine.</summary>
[Trait("Kernel", "linux")]
public sealed class LinuxProbeTests
{
    [SkippableFact]
    [Trait("Requirement", "R1.8")]
    public void Asked_by_an_empty_container_and_by_an_empty_ioas_the_kernel_tells_the_same_windows_and_keeps_nothing()
    {
        Machine.Needs(Machine.Type1);
        Machine.Needs(Machine.Iommufd);
        var host = new LinuxContractHost();
        var before = host.Held();
        Assert.True(host.Topology.TryGetDevice(host.Device(DeviceRole.Dma).Name, out var device));
        Assert.True(host.Topology.TryGetGroup(device.Group!.Value, out var group));

        var type1 = DeviceProbe.Query(BackendChoice.Type1, host.Kernel, group, device);
        var iommufd = DeviceProbe.Query(BackendChoice.Iommufd, host.Kernel, group, device);
        var auto = DeviceProbe.Query(BackendChoice.Auto, host.Kernel, group, device);

        Assert.Equal((null, null, null), (type1.Refusal, iommufd.Refusal, auto.Refusal));
        Assert.Equal(type1.Info!.Windows, iommufd.Info!.Windows);
        Assert.Equal(type1.Info.Windows, auto.Info!.Windows);
        Assert.All(group.Reserved.Regions.Where(region => region.IsHole), hole => Assert.DoesNotContain(type1.Info.Windows!, window => window.Overlaps(hole.Range)));
        Assert.Equal(before, host.Held());
    }

    [SkippableFact]
    public void The_topology_of_this_machine_says_which_groups_can_be_given_away()
    {
        Machine.Needs(Machine.Type1);
        var host = new LinuxContractHost();

        Assert.Empty(host.Topology.Problems);
        Assert.True(Viability(host, DeviceRole.FirstOfTwo).IsViable);
        Assert.False(Viability(host, DeviceRole.Unviable).IsViable);
        Assert.True(host.Topology.TryGetDevice(host.Device(DeviceRole.Mediated).Name, out var mediated) && mediated.IsMediated);
    }

    private static GroupViability Viability(LinuxContractHost host, DeviceRole role)
    {
        Assert.True(host.Topology.TryGetDevice(host.Device(role).Name, out var device));
        return GroupViability.Of(host.Topology, device.Group!.Value);
    }
}
