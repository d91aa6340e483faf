using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.Containers;

public sealed class VfioGroupTests
{
    [Fact]
    public void A_group_with_a_native_driver_is_not_viable_and_says_the_cure()
    {
        using var rig = new ContainerRig(host => host
            .Group(1).Device(ContainerRig.NetworkCard, "vfio-pci").Device("0000:01:00.1", "e1000e"));
        Assert.False(VfioGroup.TryOpen(rig.Kernel, 1, out _, out var refusal));
        Assert.Contains("group 1 is not viable", refusal.Words, StringComparison.Ordinal);
        Assert.Contains(
            "Please ensure all devices within the iommu_group are bound to their vfio bus driver.", refusal.Words, StringComparison.Ordinal);
        Assert.Equal("/dev/vfio/1", refusal.Target);
    }

    [Fact]
    public void A_group_is_open_once()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        Assert.False(VfioGroup.TryOpen(rig.Kernel, 1, out _, out var refusal));
        Assert.Equal(("open", Errno.EBUSY), (refusal.Operation, refusal.Errno));
        Assert.Contains("only one may have it open", refusal.Words, StringComparison.Ordinal);
        group.Close();
    }

    [Fact]
    public void A_group_without_a_node_is_enoent()
    {
        using var rig = new ContainerRig();
        Assert.False(VfioGroup.TryOpen(rig.Kernel, 99, out _, out var refusal));
        Assert.Equal(Errno.ENOENT, refusal.Errno);
        Assert.StartsWith("open /dev/vfio/99: ENOENT", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Status_follows_the_container()
    {
        using var rig = new ContainerRig();
        var group = rig.Group(1);
        Assert.Equal(new VfioGroupStatus(IsViable: true, HasContainer: false), group.GetStatus().Value);
        var container = rig.Container(group);
        Assert.Equal(new VfioGroupStatus(IsViable: true, HasContainer: true), group.GetStatus().Value);
        Assert.True(group.UnsetContainer().IsOk);
        Assert.False(group.HasContainer);
        Assert.Equal(Errno.EINVAL, group.UnsetContainer().Errno);
        container.Close();
        group.Close();
        Assert.Equal(Errno.EBADF, group.GetStatus().Errno);
    }
}
