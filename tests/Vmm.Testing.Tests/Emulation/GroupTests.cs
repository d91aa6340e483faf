using System.Text;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Tests.Emulation;

public sealed class GroupTests
{
    private static readonly IoctlCode Nonsense = new(0x3b80, "NONSENSE", false);

    [Fact]
    public void Status_is_checked_for_its_size_first()
    {
        using var rig = new Rig();
        var group = rig.Group(1);
        Assert.Equal(Errno.EFAULT, rig.Kernel.Ioctl(group, VfioUapi.GroupGetStatus, 0UL).Errno);
        var small = Rig.Struct(8);
        small[0] = 7;
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(group, VfioUapi.GroupGetStatus, small).Errno);
        var large = Rig.Struct(64);
        large.AsSpan(8).Fill(0x5a);
        Rig.Good(rig.Kernel.Ioctl(group, VfioUapi.GroupGetStatus, large));
        Assert.Equal(1, large[4]);
        Assert.True(large.AsSpan(8).IndexOfAnyExcept((byte)0x5a) < 0);
    }

    [Fact]
    public void A_group_opens_once()
    {
        using var rig = new Rig();
        var group = rig.Group(1);
        Assert.Equal(Errno.EBUSY, rig.Kernel.Open("/dev/vfio/1").Errno);
        Rig.Good(rig.Kernel.Close(group));
        rig.Group(1);
    }

    [Fact]
    public void A_group_without_a_vfio_driver_has_no_node()
    {
        using var rig = new Rig(host => host.Group(1).Device(Rig.NetworkCard, "e1000e"));
        Assert.Equal(Errno.ENOENT, rig.Kernel.Open("/dev/vfio/1").Errno);
        Rig.Good(rig.Host.BindToVfio(Rig.NetworkCard));
        rig.Group(1);
    }

    [Fact]
    public void Set_container_checks_the_descriptor_before_the_state()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        Assert.Equal(Errno.EFAULT, rig.Kernel.Ioctl(groups[0], VfioUapi.GroupSetContainer, 5UL).Errno);
        Assert.Equal(Errno.EBADF, rig.SetContainer(groups[0], 99999));
        Assert.Equal(Errno.EBADF, rig.SetContainer(groups[0], -1));
        Assert.Equal(Errno.EINVAL, rig.SetContainer(groups[0], container));

        var other = rig.Group(2);
        Assert.Equal(Errno.EBADFD, rig.SetContainer(other, groups[0]));
        Assert.Equal(Errno.EBADFD, rig.SetContainer(other, Rig.Good(rig.Kernel.CreateEvent()).Descriptor));
    }

    [Fact]
    public void A_sibling_on_a_native_driver_makes_the_group_not_viable()
    {
        using var rig = new Rig(host => host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, "nvme"));
        var group = rig.Group(1);
        Assert.Equal(0u, rig.Status(group));
        Assert.Equal(Errno.EPERM, rig.SetContainer(group, rig.Container()));
        Rig.Good(rig.Host.UnbindDriver(Rig.Disk));
        Assert.Equal(1u, rig.Status(group));
        Assert.Equal(Errno.None, rig.SetContainer(group, rig.Container()));
    }

    [Theory]
    [InlineData("pci-stub")]
    [InlineData("pcieport")]
    [InlineData("vfio-pci")]
    public void A_sibling_on_a_driver_that_leaves_DMA_alone_is_no_obstacle(string driver)
    {
        using var rig = new Rig(host => host.Group(1).Device(Rig.NetworkCard, "vfio-pci").Device(Rig.Disk, driver));
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(1), rig.Container()));
    }

    [Fact]
    [Trait("Requirement", "R1.10")]
    public void A_direct_region_makes_the_claim_EINVAL_and_a_relaxable_one_does_not()
    {
        using var rig = new Rig(host => host
            .Group(1).Device(Rig.NetworkCard, "vfio-pci").Reserved(ReservedRegionKind.Direct, Rig.Region(ReservedRegionKind.Direct, 0xe8000, 0xe8fff).Range)
            .Group(2).Device(Rig.Disk, "vfio-pci").Reserved(ReservedRegionKind.DirectRelaxable, Rig.Region(ReservedRegionKind.Direct, 0, 0xffffff).Range));
        var container = rig.Container();
        Assert.Equal(Errno.EINVAL, rig.SetContainer(rig.Group(1), container));
        Assert.False(rig.Host.Group(1).IsOwned);
        Assert.Equal(Errno.None, rig.SetContainer(rig.Group(2), container));
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(0x1000), 0x1000, 0x1000));
    }

    [Fact]
    public void Unset_container_is_EINVAL_without_one_and_EBUSY_with_a_device_open()
    {
        using var rig = new Rig();
        Assert.Equal(Errno.EINVAL, rig.UnsetContainer(rig.Group(2)));
        var (_, groups) = rig.Ready(1);
        var device = Rig.Good(rig.Device(groups[0], Rig.NetworkCard)).Descriptor;
        Assert.Equal(Errno.EBUSY, rig.UnsetContainer(groups[0]));
        Rig.Good(rig.Kernel.Close(device));
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[0]));
        Assert.Equal(1u, rig.Status(groups[0]));
    }

    [Fact]
    public void Get_device_fd_tests_the_name_before_the_container()
    {
        using var rig = new Rig();
        var group = rig.Group(1);
        Assert.Equal(Errno.EFAULT, rig.Kernel.Ioctl(group, VfioUapi.GroupGetDeviceFd, 5UL).Errno);
        Assert.Equal(Errno.EFAULT, rig.Kernel.Ioctl(group, VfioUapi.GroupGetDeviceFd, Encoding.UTF8.GetBytes("no end").AsSpan()).Errno);
        Assert.Equal(Errno.EINVAL, rig.Kernel.Ioctl(group, VfioUapi.GroupGetDeviceFd, Encoding.UTF8.GetBytes(new string('x', 5000)).AsSpan()).Errno);
        Assert.Equal(Errno.ENODEV, rig.Device(group, Rig.Disk).Errno);
        Assert.Equal(Errno.EINVAL, rig.Device(group, Rig.NetworkCard).Errno);
        var container = rig.Container();
        Assert.Equal(Errno.None, rig.SetContainer(group, container));
        Assert.Equal(Errno.EINVAL, rig.Device(group, Rig.NetworkCard).Errno);
        Assert.Equal(Errno.None, rig.SetIommu(container, VfioUapi.Type1V2));
        Assert.Equal(Errno.EINVAL, rig.Device(group, Rig.NetworkCard + " nonsense=1").Errno);
        Assert.True(rig.Device(group, Rig.NetworkCard).IsOk);
        Assert.True(rig.Device(group, Rig.NetworkCard).IsOk);
        Assert.Equal(1, rig.Kernel.Census().OpenDevices);
    }

    [Fact]
    public void An_unknown_request_on_a_group_is_ENOTTY()
    {
        using var rig = new Rig();
        Assert.Equal(Errno.ENOTTY, rig.Kernel.Ioctl(rig.Group(1), Nonsense, 0UL).Errno);
    }

    [Fact]
    public void A_closed_group_stays_while_a_device_is_open()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        var device = Rig.Good(rig.Device(groups[0], Rig.NetworkCard)).Descriptor;
        Rig.Good(rig.Kernel.Close(groups[0]));
        Assert.Equal(Errno.EBUSY, rig.Kernel.Open("/dev/vfio/1").Errno);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(0x1000), 0, 0x1000));
        Rig.Good(rig.Kernel.Close(device));
        Assert.Equal(Errno.EINVAL, rig.Map(container, Rig.ReadWrite, 0, 0, 0x1000));
        rig.Group(1);
    }

    [Fact]
    public void Mappings_stay_until_the_last_group_leaves()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1, 2);
        Assert.Equal(Errno.None, rig.Map(container, Rig.ReadWrite, rig.Memory(0x1000), 0, 0x1000));
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[0]));
        Assert.Equal([1], rig.Kernel.Census().Mappings);
        Assert.Equal(Errno.None, rig.UnsetContainer(groups[1]));
        Assert.Empty(rig.Kernel.Census().Mappings);
    }

    [Fact]
    public void The_last_vfio_driver_takes_the_group_out_of_its_container()
    {
        using var rig = new Rig();
        var (container, groups) = rig.Ready(1);
        Rig.Good(rig.Host.UnbindDriver(Rig.NetworkCard));
        Assert.False(rig.Host.Group(1).IsOwned);
        Assert.Equal(Errno.EINVAL, rig.Map(container, Rig.ReadWrite, 0, 0, 0x1000));
        Assert.Equal(Errno.ENODEV, rig.Kernel.Ioctl(groups[0], VfioUapi.GroupGetStatus, Rig.Struct(8)).Errno);
        Assert.Equal(Errno.ENODEV, rig.SetContainer(groups[0], container));
        Assert.Equal(Errno.ENODEV, rig.Device(groups[0], Rig.NetworkCard).Errno);
        Assert.Equal(Errno.EINVAL, rig.UnsetContainer(groups[0]));
    }

    [Fact]
    public void A_driver_that_is_taken_off_an_open_device_waits_and_asks_for_it()
    {
        using var rig = new Rig();
        var (_, groups) = rig.Ready(1);
        var device = Rig.Good(rig.Device(groups[0], Rig.NetworkCard)).Descriptor;
        Rig.Good(rig.Host.UnbindDriver(Rig.NetworkCard));
        Assert.True(rig.Host.Device(Rig.NetworkCard).IsLeaving);
        Assert.Equal("vfio-pci", rig.Host.Device(Rig.NetworkCard).Driver);
        Rig.Good(rig.Kernel.Close(device));
        Assert.Null(rig.Host.Device(Rig.NetworkCard).Driver);
        Assert.False(rig.Host.Group(1).IsOwned);
    }
}
