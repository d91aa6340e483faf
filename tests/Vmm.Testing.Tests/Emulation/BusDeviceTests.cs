using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>Devices of other buses than PCI.</summary>
public sealed class BusDeviceTests
{
    /// <summary>Bus, and VFIO's flag for it.</summary>
    public static TheoryData<string, uint> Buses => new()
    {
        { "platform", VfioUapi.DevicePlatform },
        { "amba", VfioUapi.DeviceAmba },
        { "ccw", VfioUapi.DeviceCcw },
        { "ap", VfioUapi.DeviceAp },
        { "fsl-mc", VfioUapi.DeviceFslMc },
        { "cdx", VfioUapi.DeviceCdx },
    };

    [Theory, MemberData(nameof(Buses))]
    [Trait("Requirement", "R1.14")]
    [Trait("Requirement", "R1.16")]
    public void It_is_in_sysfs_and_VFIO_gives_it_out_with_the_flag_of_its_bus(string bus, uint flag)
    {
        using var rig = new Rig();
        rig.Host.AddDevice(new BusDeviceSpec("a.dev", bus) { Driver = $"vfio-{bus}", Reserved = [Rig.Region(ReservedRegionKind.Msi, 0x800_0000, 0x80f_ffff)] }, 9);

        var topology = new SysfsTopologyReader(rig.Kernel).Read(1);
        Assert.Empty(topology.Problems);
        Assert.True(topology.TryGetDevice("a.dev", out var device));
        Assert.Equal((bus, $"vfio-{bus}", new IommuGroupId(9)), (device.Bus, device.Driver, device.Group));
        Assert.True(topology.TryGetGroup(new IommuGroupId(9), out var group));
        Assert.Equal("0x8000000-0x80fffff", Assert.Single(group.Reserved.Regions).Range.ToString());

        var (_, groups) = rig.Ready(9);
        var file = Rig.Good(rig.Device(groups[0], "a.dev")).Descriptor;
        var info = VfioCalls.DeviceGetInfo(rig.Kernel, file);
        Assert.Equal((flag, 0u, 0u), (info.Value.Flags & ~VfioUapi.DeviceReset, info.Value.Regions, info.Value.Interrupts));
        Assert.Equal(Errno.EINVAL, VfioCalls.DeviceGetRegionInfo(rig.Kernel, file, 0).Errno);
    }

    [Fact]
    [Trait("Requirement", "R1.15")]
    public void Without_a_driver_it_has_its_group_and_goes_as_it_came()
    {
        using var rig = new Rig();
        rig.Host.AddDevice(new BusDeviceSpec("b.dev", "platform"), 9);
        Assert.Contains(new SysfsTopologyReader(rig.Kernel).Read(1).Devices, device => device is { Name: "b.dev", Driver: null });

        Assert.True(rig.Host.RemoveDevice("b.dev").IsOk);

        var after = new SysfsTopologyReader(rig.Kernel).Read(2);
        Assert.Empty(after.Problems);
        Assert.DoesNotContain(after.Devices, device => device.Name == "b.dev");
        Assert.False(after.TryGetGroup(new IommuGroupId(9), out _));
        Assert.Throws<ArgumentException>(() => rig.Host.AddDevice(new BusDeviceSpec(Rig.Disk, "platform"), 9));
    }
}
