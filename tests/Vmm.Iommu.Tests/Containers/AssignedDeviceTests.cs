using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers;

public sealed class AssignedDeviceTests : IDisposable
{
    private readonly ContainerRig _rig = new();
    private readonly VfioGroup _group;
    private readonly Type1Container _container;

    public AssignedDeviceTests()
    {
        _group = _rig.Group(1);
        _container = _rig.Container(_group);
    }

    public void Dispose()
    {
        Assert.True(_container.Detach(_group).IsOk);
        _container.Close();
        _group.Close();
        _rig.Dispose();
    }

    [Fact]
    public void A_device_says_its_regions()
    {
        var device = _rig.Device(_group, ContainerRig.NetworkCard);
        Assert.True(device.CanReset);
        Assert.True(device.Reset().IsOk);
        Assert.Equal(0x4000u, device.Regions[0].Size);
        Assert.Equal([new DeviceRegion.Part(0, 0x4000)], device.Regions[0].Mappable);
        Assert.Equal(0u, device.Regions[1].Size);
        Assert.Empty(device.Regions[1].Mappable);
        Assert.Equal(0x20_0000u, device.Regions[2].Size);
        Assert.True(device.Release().IsReleased);
    }

    [Fact]
    public void A_bar_is_mapped_once_and_its_bytes_can_be_reached()
    {
        var device = _rig.Device(_group, ContainerRig.NetworkCard);
        var bar = Assert.Single(device.MapRegion(2).Value!);
        Assert.Equal((2u, 0ul, 0x20_0000ul), (bar.Region, bar.OffsetInRegion, bar.Block.Length));
        Assert.Contains(ContainerRig.NetworkCard, bar.Block.Name, StringComparison.Ordinal);
        bar.Block.Write(0x1f_ffff, [0x5a]);
        Assert.Same(bar, Assert.Single(device.MapRegion(2).Value!));
        Assert.Empty(device.MapRegion(1).Value!);
        Assert.Empty(device.MapRegion(200).Value!);
        Assert.Equal(1, _rig.Kernel.Census().MappedBars);
        Assert.True(device.Release().IsReleased);
        Assert.True(bar.Block.IsReleased);
        Assert.Equal(0, _rig.Kernel.Census().MappedBars);
    }

    [Fact]
    public void A_leased_bar_holds_the_device_and_says_so()
    {
        var device = _rig.Device(_group, ContainerRig.NetworkCard);
        var bar = Assert.Single(device.MapRegion(0).Value!);
        device.MapRegion(2);
        Assert.True(bar.Block.TryLease(out var lease));
        var held = device.Release();
        Assert.False(held.IsReleased);
        Assert.Equal([$"{ContainerRig.NetworkCard} BAR 0: 1 leases"], held.Holders);
        Assert.True(device.Descriptor >= 0);
        Assert.Equal(Errno.EBUSY, _container.Detach(_group).Errno);
        lease.End();
        Assert.True(device.Release() is { IsReleased: true, Holders: [], Errno.IsNone: true });
        Assert.Equal(-1, device.Descriptor);
    }

    [Fact]
    [Trait("Requirement", "R2.9")]
    public void A_bar_can_be_mapped_for_peers()
    {
        var device = _rig.Device(_group, ContainerRig.NetworkCard);
        var bar = Assert.Single(device.MapRegion(0).Value!);
        var range = IovaRange.FromLength(0x8000_0000, bar.Block.Length);
        Assert.True(_container.Map(range, bar.Block.Address, DmaAccess.ReadWrite).IsOk);
        Assert.True(_container.Unmap(range, out var unmapped).IsOk);
        Assert.Equal(0x4000u, unmapped);
        Assert.True(device.Release().IsReleased);
    }

    [Theory]
    [InlineData("0000:02:00.0", 19, "no such device")]
    [InlineData("nonsense", 19, "no such device")]
    public void A_device_of_another_group_is_refused(string name, int errno, string words)
    {
        Assert.False(AssignedDevice.TryOpen(_rig.Kernel, _rig.Kernel, _group, name, out _, out var refusal));
        Assert.Equal(("VFIO_GROUP_GET_DEVICE_FD", new Errno(errno)), (refusal.Operation, refusal.Errno));
        Assert.Contains(words, refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_without_a_container_gives_no_device()
    {
        var other = _rig.Group(2);
        Assert.False(AssignedDevice.TryOpen(_rig.Kernel, _rig.Kernel, other, ContainerRig.Disk, out _, out var refusal));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        other.Close();
    }
}
