using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

public sealed class NoIommuTests
{
    private const string Bare = "0000:08:00.0";

    [Fact]
    public void Without_the_parameter_a_vfio_driver_does_not_take_a_device_without_an_iommu()
    {
        using var rig = new Rig();
        rig.Host.AddDeviceWithoutIommu(new PciDeviceSpec(Bare));
        Assert.Equal(Errno.EINVAL, rig.Host.BindToVfio(Bare).Errno);
        Assert.Null(rig.Host.Device(Bare).Group);
    }

    [Fact]
    [Trait("Requirement", "R1.14")]
    public void Its_group_comes_and_goes_with_the_driver_and_topology_knows_what_it_is()
    {
        using var rig = Unprotected(out var id);
        var topology = new SysfsTopologyReader(rig.Kernel).Read(1);
        Assert.True(topology.TryGetGroup(new IommuGroupId(id), out var group));
        Assert.Equal((true, "unknown"), (group.HasNoIommu, group.Type));
        Assert.Equal([Bare], group.Members);
        Assert.True(topology.TryGetDevice(Bare, out var device));
        Assert.Null(device.Iommu);
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open($"/dev/vfio/{id}").Errno);

        Assert.True(rig.Host.UnbindDriver(Bare).IsOk);
        Assert.Null(rig.Host.Device(Bare).Group);
        Assert.False(rig.Host.TryGroup(id, out _));
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open($"/dev/vfio/noiommu-{id}").Errno);
        Assert.Equal(Errno.ENOENT, rig.Kernel.ReadLink($"bus/pci/devices/{Bare}/iommu_group").Errno);
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void Groups_with_and_without_an_iommu_do_not_mix_in_a_container()
    {
        using var rig = Unprotected(out var id);
        var bare = rig.Open($"/dev/vfio/noiommu-{id}");
        var (protectedOne, _) = rig.Ready(1);
        Assert.Equal(Errno.EPERM, rig.SetContainer(bare, protectedOne));

        var container = rig.Container();
        Assert.Equal(Errno.None, rig.SetContainer(bare, container));
        Assert.Equal(Errno.EPERM, rig.SetContainer(rig.Group(2), container));
        Assert.Equal(Errno.EPERM, rig.SetContainer(rig.Group(7), container));
    }

    [Fact]
    [Trait("Requirement", "R2.6")]
    public void Its_container_takes_its_own_type_alone_and_maps_nothing()
    {
        using var rig = Unprotected(out var id);
        var container = rig.Container();
        Assert.Equal([1L, 1, 1, 1], Extensions(rig, container));
        var bare = rig.Open($"/dev/vfio/noiommu-{id}");
        Assert.Equal(Errno.None, rig.SetContainer(bare, container));
        Assert.Equal([0L, 0, 1, 0], Extensions(rig, container));
        Assert.Equal((Errno.ENODEV, Errno.ENODEV, Errno.ENODEV), (rig.SetIommu(container, 1), rig.SetIommu(container, 3), rig.SetIommu(container, 9)));
        Assert.Equal(Errno.EINVAL, rig.Device(bare, Bare).Errno);

        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.NoIommu));
        Assert.Equal([0L, 0, 1, 0], Extensions(rig, container));
        Assert.Equal(Errno.EINVAL, rig.SetIommu(container, VfioUapi.NoIommu));
        Assert.Equal(Errno.ENOTTY, rig.Map(container, Rig.ReadWrite, rig.Memory(0x1000), 0, 0x1000));
        Assert.Equal(Errno.ENOTTY, rig.Kernel.Ioctl(container, VfioUapi.IommuGetInfo, Rig.Struct(24)).Errno);
        Assert.True(rig.Device(bare, Bare).IsOk);
        Assert.Equal(DmaFault.NoGroup, rig.Kernel.DmaWrite(Bare, new(0), "x"u8).Fault);
    }

    [Fact]
    public void A_real_group_has_no_such_type()
    {
        using var rig = Unprotected(out _);
        var container = rig.Container();
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), container));
        Assert.Equal([1L, 1, 0, 1], Extensions(rig, container));
        Assert.Equal(Errno.ENODEV, rig.SetIommu(container, VfioUapi.NoIommu));
    }

    [Fact]
    public void All_of_it_needs_the_right_to_raw_io()
    {
        using var rig = Unprotected(out var id);
        var bare = rig.Open($"/dev/vfio/noiommu-{id}");
        var container = rig.Container();
        rig.Kernel.Options.HasRawIo = false;
        Assert.Equal(Errno.EPERM, rig.SetContainer(bare, container));
        rig.Kernel.Options.HasRawIo = true;
        Assert.Equal(Errno.None, rig.SetContainer(bare, container));
        rig.Kernel.Options.HasRawIo = false;
        Assert.Equal(Errno.EPERM, rig.SetIommu(container, VfioUapi.NoIommu));
        rig.Kernel.Options.HasRawIo = true;
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.NoIommu));
        rig.Kernel.Options.HasRawIo = false;
        Assert.Equal(Errno.EPERM, rig.Device(bare, Bare).Errno);
        Assert.True(rig.Kernel.Close(bare).IsOk);
        Assert.Equal(Errno.EPERM, rig.Kernel.Open($"/dev/vfio/noiommu-{id}").Errno);
    }

    private static long[] Extensions(Rig rig, int container) =>
        [.. new ulong[] { VfioUapi.Type1, VfioUapi.Type1V2, VfioUapi.NoIommu, VfioUapi.UnmapAll }.Select(extension => rig.Extension(container, extension))];

    private static Rig Unprotected(out int id)
    {
        var rig = new Rig();
        rig.Host.AllowsUnsafeNoIommu = true;
        var device = rig.Host.AddDeviceWithoutIommu(new PciDeviceSpec(Bare));
        Assert.True(rig.Host.BindToVfio(Bare).IsOk);
        id = device.Group!.Id;
        return rig;
    }
}
