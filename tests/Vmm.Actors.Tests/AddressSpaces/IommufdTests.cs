using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>Disposing the rig counts each time that no descriptor, IOAS, page table, pin or lease is left.</summary>
public sealed class IommufdTests
{
    private const string Disk = "0000:05:00.0";
    private const string Network = "0000:06:00.0";
    private const string Sibling = "0000:06:00.1";
    private const string Mediated = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

    [Fact]
    public void A_device_reaches_the_view_through_an_IOAS_while_it_is_attached()
    {
        using var rig = Rig();
        rig.Commit(rig.View);

        var attach = rig.Attach(Disk);

        Assert.True(attach.IsAttached, attach.Refusal?.Words);
        Assert.True(rig.Reaches(Disk, 0x1000));
        Assert.True(rig.Do(() => attach.Binding.DetachAsync()).IsDetached);
        Assert.False(rig.Reaches(Disk, 0x1000));
        Assert.Equal(0, rig.Ram.Leases);
    }

    [Fact]
    [Trait("Requirement", "R2.1")]
    public void Devices_of_two_groups_share_the_IOAS_and_leave_it_one_by_one()
    {
        using var rig = Rig();
        rig.Commit(rig.View);

        var first = rig.Attach(Disk);
        var second = rig.Attach(Network);

        Assert.Equal([5, 6], rig.OnlyContainer().Groups);
        Assert.True(rig.Do(() => first.Binding!.DetachAsync()).IsDetached);
        Assert.False(rig.Reaches(Disk, 0));
        Assert.True(rig.Reaches(Network, 0));
        Assert.True(rig.Do(() => second.Binding!.DetachAsync()).IsDetached);
    }

    [Fact]
    public void Devices_of_one_group_are_attached_each_by_itself()
    {
        using var rig = Rig(host => host
            .Group(6).Device(Network, driver: "vfio-pci").Device(Sibling, driver: "vfio-pci").Msi());
        rig.Commit(rig.View);

        var first = rig.Attach(Network);
        Assert.True(rig.Attach(Sibling).IsAttached);
        Assert.True(rig.Do(() => first.Binding!.DetachAsync()).IsDetached);

        Assert.True(rig.Reaches(Sibling, 0));
        Assert.Equal([Sibling], rig.OnlyContainer().Devices);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_device_whose_group_reserves_guest_RAM_is_refused_before_anything_is_opened()
    {
        using var rig = Rig(Reserving);
        rig.Commit(rig.View);
        var before = $"{rig.Kernel.Census()}";

        var attach = rig.Attach(Disk);

        Assert.Equal(RefusalReason.Conflict, attach.Refusal!.Reason);
        Assert.Contains("0x100000-0x1fffff", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal(before, $"{rig.Kernel.Census()}");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [Trait("Requirement", "R2.5")]
    public void A_second_IOAS_is_made_where_the_caller_allows_it(bool? allowed)
    {
        using var rig = Rig(host => host
            .Group(7).Mediated(Mediated)
            .Group(5).Device(Disk, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromLength(0x8000_0000, 0x1000)));
        var bar = rig.Block("bar", 0x1000);
        rig.Commit(new FlatView([Actors.Tests.Rig.Section(0, rig.Ram), Actors.Tests.Rig.Section(0x8000_0000, bar)]));
        Assert.True(rig.Attach(Mediated).IsAttached);
        rig.Commit(new FlatView([Actors.Tests.Rig.Section(0, rig.Ram), Actors.Tests.Rig.Section(0x8000_0000, bar)]));

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(Disk, new AttachPolicy { AllowSecondContainer = allowed }));

        // RAM lies in the region: neither the IOAS that holds it takes the device, nor could a new one hold all of the view.
        Assert.Equal(allowed is true ? RefusalReason.Conflict : RefusalReason.Policy, attach.Refusal!.Reason);
        Assert.True(rig.OnlyContainer().Devices is [Mediated]);
    }

    [Fact]
    public void A_mediated_device_is_attached_to_the_IOAS_itself()
    {
        using var rig = Rig(host => host.Group(7).Mediated(Mediated));
        rig.Commit(rig.View);

        Assert.True(rig.Attach(Mediated) is { IsAttached: true });
        Assert.True(rig.OnlyContainer().Snapshot.Windows.Contains(IovaRange.FromLength(0, 0x1000)));
    }

    [Fact]
    public void A_BAR_without_a_dma_buf_is_left_out_and_said_once()
    {
        using var rig = Rig();
        rig.Commit(rig.View);
        Assert.True(rig.Attach(Disk).IsAttached);
        var bar = rig.Block("a BAR", 0x4000);

        var report = rig.Commit(new FlatView([
            Actors.Tests.Rig.Section(0, rig.Ram), Actors.Tests.Rig.Section(0x8000_0000, bar, kind: SectionKind.RamDevice)]));

        Assert.Contains("no dma-buf", Assert.Single(report.Skipped).Reason, StringComparison.Ordinal);
        Assert.Equal(0, bar.Leases);
    }

    [Fact]
    public void Memory_comes_and_goes_while_a_device_is_attached()
    {
        using var rig = Rig();
        rig.Commit(rig.View);
        Assert.True(rig.Attach(Disk).IsAttached);
        var dimm = rig.Block("dimm", 1 << 20);

        Assert.Null(rig.Do(() => rig.Space.PrepareViewAsync(new FlatView([Actors.Tests.Rig.Section(0, rig.Ram), Actors.Tests.Rig.Section(0x1000_0000, dimm)]))).Refusal);
        rig.Commit(new FlatView([Actors.Tests.Rig.Section(0, rig.Ram), Actors.Tests.Rig.Section(0x1000_0000, dimm)]));
        Assert.True(rig.Reaches(Disk, 0x1000_0000));

        rig.Commit(rig.View);
        Assert.False(rig.Reaches(Disk, 0x1000_0000));
        Assert.True(rig.Reaches(Disk, 0));
    }

    [Fact]
    public void A_group_that_somebody_has_open_by_its_node_is_refused_with_the_errno()
    {
        using var rig = Rig();
        rig.Commit(rig.View);
        var node = rig.Kernel.Open("/dev/vfio/5");

        var attach = rig.Attach(Disk);

        Assert.Equal("EBUSY", attach.Refusal!.Errno.Name);
        Assert.True(rig.Kernel.Close(node.Descriptor).IsOk);
        Assert.True(rig.Attach(Disk).IsAttached);
    }

    [Fact]
    public void A_plan_that_asks_the_kernel_leaves_nothing_behind()
    {
        using var rig = Rig();
        rig.Commit(rig.View);
        var before = $"{rig.Kernel.Census()}";

        var plan = rig.Do(() => rig.Space.PlanAttachAsync(Disk, new AttachPolicy { Probe = true }));

        Assert.IsType<AttachPlan.NewContainer>(plan.Plan);
        Assert.Empty(plan.Plan.Unknowns);
        Assert.Equal(before, $"{rig.Kernel.Census()}");
    }

    private static Rig Rig(Action<EmulatedHostBuilder>? host = null) => new(host, backend: BackendChoice.Iommufd);

    private static void Reserving(EmulatedHostBuilder host) => host
        .Group(5).Device(Disk, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x10_0000, 0x1f_ffff));
}
