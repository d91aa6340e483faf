using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers;

public sealed class Type1ContainerTests
{
    private static readonly IovaRange Low = IovaRange.FromLength(0x1000, 0x2000);

    [Fact]
    [Trait("Requirement", "R0.2")]
    public void An_opened_container_says_what_holds()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        Assert.Equal(ContainerKind.Type1V2, container.Kind);
        var info = container.GetInfo().Value!;
        Assert.Equal("0x0-0xfedfffff 0xfef00000-0xffffffffffff", info.Windows!.ToString());
        Assert.Equal(new PageSizes(0x40201000), info.PageSizes);
        Assert.Equal(65535u, info.EntriesLeft);
        Assert.True(group.HasContainer);
        End(container, group);
    }

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void A_container_with_mediated_devices_alone_reports_no_windows()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(7);
        var container = rig.Container(group);
        Assert.Null(container.GetInfo().Value!.Windows);
        End(container, group);
    }

    [Fact]
    public void A_map_and_its_unmap_count_bytes_and_entries()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        var ram = rig.Ram();
        Assert.True(container.Map(Low, ram.Address, DmaAccess.ReadWrite).IsOk);
        Assert.Equal(65534u, container.GetInfo().Value!.EntriesLeft);
        Assert.Equal(Errno.EEXIST, container.Map(Low, ram.Address, DmaAccess.Read).Errno);
        Assert.True(container.Unmap(Low, out var unmapped).IsOk);
        Assert.Equal(0x2000u, unmapped);
        Assert.True(container.Unmap(Low, out unmapped).IsOk);
        Assert.Equal(0u, unmapped);
        ram.Retire();
        End(container, group);
    }

    [Theory]
    [Trait("Requirement", "R0.3")]
    [InlineData(0xfee0_0000, 0x1000, 22)]
    [InlineData(0x1_0000_0000_0000, 0x1000, 22)]
    [InlineData(0x1800, 0x1000, 22)]
    public void What_the_kernel_refuses_comes_back_with_its_errno(ulong start, ulong length, int errno)
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        var ram = rig.Ram();
        Assert.Equal(new Errno(errno), container.Map(IovaRange.FromLength(start, length), ram.Address, DmaAccess.Read).Errno);
        Assert.Equal(Errno.EFAULT, container.Map(Low, new HostAddress(0x10_0000), DmaAccess.Read).Errno);
        ram.Retire();
        End(container, group);
    }

    [Fact]
    public void The_whole_space_can_be_unmapped_in_one()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        var ram = rig.Ram();
        Assert.True(container.Map(Low, ram.Address, DmaAccess.ReadWrite).IsOk);
        Assert.True(container.Map(IovaRange.FromLength(0xffff_ffff_f000, 0x1000), ram.Address, DmaAccess.ReadWrite).IsOk);
        Assert.True(container.Unmap(IovaRange.All, out var unmapped).IsOk);
        Assert.Equal(0x3000u, unmapped);
        ram.Retire();
        End(container, group);
    }

    [Fact]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R0.6")]
    public void A_second_group_narrows_the_windows_and_its_leaving_widens_them_again()
    {
        using var rig = new ContainerRig(host => host
            .Unit("dmar0").Unit("dmar1", aperture: IovaRange.FromBounds(0, 0x7f_ffff_ffff))
            .Group(1).Device(ContainerRig.NetworkCard, "vfio-pci", unit: "dmar0").Msi()
            .Group(2).Device(ContainerRig.Disk, "vfio-pci", unit: "dmar1").Msi()
            .Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x4000_0000, 0x4fff_ffff)));
        var (first, second) = (rig.Group(1), rig.Group(2));
        var container = rig.Container(first);
        var before = container.GetInfo().Value!.Windows;
        Assert.True(container.Attach(second).IsOk);
        Assert.Equal("0x0-0x3fffffff 0x50000000-0xfedfffff 0xfef00000-0x7fffffffff", container.GetInfo().Value!.Windows!.ToString());
        Assert.True(container.Detach(second).IsOk);
        Assert.Equal(before, container.GetInfo().Value!.Windows);
        End(container, first, second);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_group_whose_window_is_taken_by_a_mapping_stays_outside()
    {
        using var rig = new ContainerRig(host => host
            .Group(1).Device(ContainerRig.NetworkCard, "vfio-pci")
            .Group(2).Device(ContainerRig.Disk, "vfio-pci").Msi());
        var (first, second) = (rig.Group(1), rig.Group(2));
        var container = rig.Container(first);
        var ram = rig.Ram();
        Assert.True(container.Map(IovaRange.FromLength(0xfee0_0000, 0x1000), ram.Address, DmaAccess.ReadWrite).IsOk);
        Assert.Equal(Errno.EINVAL, container.Attach(second).Errno);
        Assert.False(second.HasContainer);
        Assert.True(container.UnmapAll(out _).IsOk);
        ram.Retire();
        End(container, first, second);
    }

    [Fact]
    public void An_open_device_keeps_its_group_inside()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        var device = rig.Device(group, ContainerRig.NetworkCard);
        Assert.Equal(Errno.EBUSY, container.Detach(group).Errno);
        Assert.True(group.HasContainer);
        Assert.True(device.Release().IsReleased);
        End(container, group);
    }

    [Fact]
    [Trait("Requirement", "R1.6")]
    public void Interrupts_that_are_not_isolated_refuse_with_the_words_users_search_for()
    {
        using var rig = new ContainerRig(host => host.Unit("dmar0", isolatedMsi: false).Group(1).Device(ContainerRig.NetworkCard, "vfio-pci"));
        var group = rig.Group(1);
        Assert.False(Type1Container.TryOpen(rig.Kernel, group, out _, out var refusal));
        Assert.Equal(("VFIO_SET_IOMMU", Errno.EPERM), (refusal.Operation, refusal.Errno));
        Assert.Contains("Use the \"allow_unsafe_interrupts\" module parameter to override", refusal.Words, StringComparison.Ordinal);
        Assert.False(group.HasContainer);
        group.Close();
    }

    [Fact]
    public void A_closed_container_answers_ebadf()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        var container = rig.Container(group);
        End(container, group);
        Assert.Equal(-1, container.Descriptor);
        Assert.Equal(Errno.EBADF, container.Map(Low, new HostAddress(0x1000), DmaAccess.Read).Errno);
        Assert.Equal(Errno.EBADF, container.GetInfo().Errno);
        Assert.True(container.Close().IsOk);
    }

    private static void End(Type1Container container, params VfioGroup[] groups)
    {
        foreach (var group in groups.Where(group => group.HasContainer))
        {
            Assert.True(container.Detach(group).IsOk);
        }

        Assert.True(container.Close().IsOk);
        Assert.All(groups, group => Assert.True(group.Close().IsOk));
    }
}
