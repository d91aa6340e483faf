using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

public class AttachTests
{
    [Fact]
    public void A_device_reaches_the_view_while_it_is_attached_and_not_before_or_after()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        Assert.False(rig.Reaches("0000:05:00.0", 0x1000));

        var attach = rig.Attach("0000:05:00.0");

        Assert.True(attach.IsAttached, attach.Refusal?.Words);
        Assert.True(rig.Reaches("0000:05:00.0", 0x1000));
        Assert.Equal([1, 2, 3, 4], rig.Ram.Bytes(0x1000, 4).ToArray());
        Assert.True(rig.Do(() => attach.Binding.DetachAsync()).IsDetached);
        Assert.False(rig.Reaches("0000:05:00.0", 0x1000));
        Assert.Equal(0, rig.Ram.Leases);
    }

    [Fact]
    [Trait("Requirement", "R2.1")]
    public void A_second_group_shares_the_container_of_the_first()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);

        var first = rig.Attach("0000:05:00.0");
        var second = rig.Attach("0000:06:00.0");

        Assert.Equal(first.Binding!.Container, second.Binding!.Container);
        Assert.True(rig.Reaches("0000:06:00.0", 0));
        Assert.Equal([5, 6], rig.OnlyContainer().Groups);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_group_that_reserves_guest_ram_is_refused_by_name_and_nothing_is_touched()
    {
        using var rig = new Rig(host => host
            .Group(7).Device("0000:07:00.0", driver: "vfio-pci")
            .Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x10_0000, 0x1f_ffff)));
        rig.Commit(rig.View);

        var attach = rig.Attach("0000:07:00.0");

        Assert.False(attach.IsAttached);
        Assert.Equal(RefusalReason.Conflict, attach.Refusal.Reason);
        Assert.Contains("0x100000-0x1fffff", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Contains("group 7", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal("ram", Assert.Single(attach.Refusal.Conflicts).Region);
        Assert.Equal(0, rig.Kernel.Census().Descriptors - 1);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
    }

    [Fact]
    [Trait("Requirement", "R2.3")]
    public void A_vmm_that_goes_on_discarding_ram_refuses_the_attach_which_is_undone()
    {
        var discard = new Rig.StubbornDiscard();
        using var rig = new Rig(discard: discard);
        rig.Commit(rig.View);

        var attach = rig.Attach("0000:05:00.0");

        Assert.Equal(RefusalReason.RamDiscard, attach.Refusal!.Reason);
        Assert.Equal(Errno.EBUSY, attach.Refusal.Errno);
        Assert.StartsWith("Cannot set discarding of RAM broken", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal(0, discard.Allowed);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Containers);
    }

    [Fact]
    public void What_is_not_there_is_refused_in_words_that_say_what_is()
    {
        using var rig = new Rig();

        var missing = rig.Attach("0000:99:00.0");
        rig.Attach("0000:05:00.0");
        var twice = rig.Attach("0000:05:00.0");

        Assert.Equal(RefusalReason.NoSuchDevice, missing.Refusal!.Reason);
        Assert.Contains("0000:06:00.0", missing.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal(RefusalReason.AlreadyAttached, twice.Refusal!.Reason);
    }

    [Fact]
    public void A_group_with_a_host_driver_is_not_viable()
    {
        using var rig = new Rig(host => host
            .Group(5).Device("0000:05:00.0", driver: "vfio-pci").Device("0000:05:00.1", driver: "e1000e"));

        var attach = rig.Attach("0000:05:00.0");

        Assert.Equal(RefusalReason.GroupNotViable, attach.Refusal!.Reason);
        Assert.Contains("group 5 is not viable", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Contains("0000:05:00.1 is bound to e1000e", attach.Refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_belongs_to_one_space()
    {
        using var rig = new Rig(host => host.Group(5).Device("0000:05:00.0", driver: "vfio-pci").Device("0000:05:00.1", driver: "vfio-pci"));
        var other = rig.Do(() => rig.Vmm.CreateAddressSpaceAsync("other"));
        rig.Attach("0000:05:00.0");

        var attach = rig.Do(() => other.AttachDeviceAsync("0000:05:00.1"));

        Assert.Equal(RefusalReason.GroupInAnotherSpace, attach.Refusal!.Reason);
        Assert.StartsWith("group 5 used in multiple address spaces", attach.Refusal.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Unplug_and_plug_again_without_a_pause_works()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        var first = rig.Attach("0000:05:00.0");

        var detach = rig.Steps.Start(() => first.Binding!.DetachAsync());
        var second = rig.Attach("0000:05:00.0");

        Assert.True(detach.IsCompletedSuccessfully);
        Assert.True(second.IsAttached, second.Refusal?.Words);
        Assert.True(rig.Reaches("0000:05:00.0", 0));
    }

    [Fact]
    public void A_group_that_the_kernel_keeps_is_said_to_be_pending_and_leaves_at_the_next_try()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        var attach = rig.Attach("0000:05:00.0");
        rig.Attach("0000:06:00.0");
        faulting!.FailAt(1, Errno.EBUSY, call: VfioUapi.GroupUnsetContainer.Name);

        var pending = rig.Do(() => attach.Binding!.DetachAsync());
        var detached = rig.Do(() => attach.Binding!.DetachAsync());

        Assert.False(pending.IsDetached);
        Assert.Contains("group 5", pending.Pending, StringComparison.Ordinal);
        Assert.True(detached is { IsDetached: true, GroupReleased: true });
        Assert.Equal([6], rig.OnlyContainer().Groups);
    }

    [Fact]
    [Trait("Requirement", "R2.4")]
    public void A_group_that_no_container_takes_gets_one_of_its_own_without_the_bar_in_its_way()
    {
        using var rig = new Rig(host => host
            .Group(5).Device("0000:05:00.0", driver: "vfio-pci", bars: [0x4000]).Msi()
            .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0xe000_0000, 0xe000_ffff)));
        var first = rig.Attach("0000:05:00.0");
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        var view = new FlatView([.. rig.View, Rig.Section(0xe000_0000, bar, kind: SectionKind.RamDevice)]);
        rig.Commit(view);

        var second = rig.Attach("0000:06:00.0");

        Assert.True(second.IsAttached, second.Refusal?.Words);
        Assert.NotEqual(first.Binding.Container, second.Binding.Container);
        Assert.Equal(bar.Name, Assert.Single(second.Skipped).Name);
        Assert.True(rig.Do(() => first.Binding.DetachAsync()).IsDetached);
        Assert.True(rig.Reaches("0000:06:00.0", 0));
    }

    [Fact]
    [Trait("Requirement", "R2.5")]
    public void A_policy_of_one_container_refuses_the_group_that_needs_a_second()
    {
        using var rig = new Rig(host => host
            .Group(5).Device("0000:05:00.0", driver: "vfio-pci").Msi()
            .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0, 0xfff)));
        rig.Commit(rig.View);
        rig.Attach("0000:05:00.0");

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync("0000:06:00.0", new AttachPolicy { AllowSecondContainer = false }));

        Assert.Equal(RefusalReason.Policy, attach.Refusal!.Reason);
        Assert.NotEmpty(attach.Refusal.Conflicts);
        Assert.Equal([5], rig.OnlyContainer().Groups);
    }

    [Fact]
    public void A_plan_says_what_an_attach_does_and_changes_nothing()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);

        var alone = rig.Do(() => rig.Space.PlanAttachAsync("0000:05:00.0"));
        rig.Attach("0000:05:00.0");
        var beside = rig.Do(() => rig.Space.PlanAttachAsync("0000:06:00.0"));
        var nobody = rig.Do(() => rig.Space.PlanAttachAsync("0000:99:00.0"));

        Assert.IsType<AttachPlan.NewContainer>(alone.Plan);
        Assert.Equal("container 1", Assert.IsType<AttachPlan.Share>(beside.Plan).Container);
        Assert.Equal(RefusalReason.NoSuchDevice, nobody.Refusal!.Reason);
        Assert.Equal([5], rig.OnlyContainer().Groups);
    }
}
