using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Actors.Tests.AddressSpaces;

public class ViewTests
{
    private const string Device = "0000:05:00.0";

    [Fact]
    public void A_commit_reaches_every_container_and_reports_what_it_did()
    {
        using var rig = new Rig();
        rig.Attach(Device);

        var first = rig.Commit(rig.View);
        var again = rig.Commit(rig.View);
        var empty = rig.Commit(FlatView.Empty);

        Assert.True(first.Mapped > 0);
        Assert.Empty(first.Holes);
        Assert.Equal((0, 0), (again.Mapped, again.Unmapped));
        Assert.Equal(first.Mapped, empty.Unmapped);
        Assert.Equal(0, rig.Ram.Leases);
        Assert.Equal([1, 2, 3], new[] { first.Generation, again.Generation, empty.Generation });
    }

    [Fact]
    [Trait("Requirement", "R0.6")]
    [Trait("Requirement", "R2.11")]
    public void A_bar_that_was_left_out_is_mapped_by_the_next_view_once_the_hole_has_gone()
    {
        using var rig = new Rig(host => host
            .Group(5).Device(Device, driver: "vfio-pci")
            .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Msi());
        var bar = Rig.Section(0xfee00000, rig.Block("bar", 0x4000), kind: SectionKind.RamDevice);
        rig.Commit(rig.View);
        rig.Attach(Device);
        var other = rig.Attach("0000:06:00.0");
        Assert.Equal(bar.Range, Assert.Single(rig.Commit(rig.View.Edit([], [bar])).Skipped).Range);
        Assert.False(rig.Reaches(Device, 0xfee00000));

        rig.Steps.Settle(() => other.Binding!.DisposeAsync().AsTask(), "the detach");
        var next = rig.Commit(new FlatView([rig.View[0], bar, Rig.Section(1UL << 32, rig.Block("dimm", 0x10000))]));

        Assert.Empty(next.Skipped);
        Assert.True(rig.Reaches(Device, 0xfee00000));
    }

    [Fact]
    public void Ram_stays_mapped_when_its_neighbour_changes()
    {
        using var rig = new Rig();
        rig.Attach(Device);
        rig.Commit(rig.View);
        var rom = rig.Block("rom", 0x2_0000);

        var report = rig.Commit(new FlatView(
        [
            Rig.Section(0, rig.Ram, length: 0xc_0000),
            Rig.Section(0xc_0000, rom, readOnly: true),
            Rig.Section(0xe_0000, rig.Ram, offset: 0xe_0000),
        ]));

        Assert.Equal(UInt128.Zero, report.Churn);
        Assert.True(rig.Reaches(Device, 0));
        Assert.False(rig.Reaches(Device, 0xc_0000));
        Assert.True(rig.Reaches(Device, 0x10_0000));
    }

    [Fact]
    [Trait("Requirement", "R2.15")]
    public void A_view_that_one_container_cannot_map_is_refused_and_the_others_are_as_before()
    {
        using var rig = new Rig(host => host
            .Group(5).Device(Device, driver: "vfio-pci").Msi()
            .Group(6).Device("0000:06:00.0", driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x800_0000, 0x8ff_ffff)));
        rig.Commit(rig.View);
        rig.Attach(Device);
        rig.Attach("0000:06:00.0");
        var dimm = rig.Block("dimm", 0x100_0000);
        var before = rig.Ram.Leases;

        var grown = rig.Do(() => rig.Space.PrepareViewAsync(new FlatView([.. rig.View, Rig.Section(0x800_0000, dimm)])));

        Assert.False(grown.IsPrepared);
        Assert.Equal(RefusalReason.Conflict, grown.Refusal.Reason);
        Assert.Equal(("dimm", "group 6"), (Assert.Single(grown.Refusal.Conflicts).Region, grown.Refusal.Conflicts[0].Owner));
        Assert.Equal(0, dimm.Leases);
        Assert.Equal(before, rig.Ram.Leases);
    }

    [Fact]
    public void A_prepared_view_is_reached_at_once_and_completed_by_its_commit()
    {
        using var rig = new Rig();
        rig.Commit(rig.View);
        rig.Attach(Device);
        var dimm = rig.Block("dimm", 0x100_0000);
        var grown = new FlatView([.. rig.View, Rig.Section(0x800_0000, dimm)]);

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(grown));

        Assert.True(prepared.IsPrepared, prepared.Refusal?.Words);
        Assert.True(rig.Reaches(Device, 0x800_0000));
        var report = rig.Commit(grown);
        Assert.Equal((0, 0), (report.Mapped, report.Unmapped));
        Assert.True(rig.Reaches(Device, 0x800_0000));
    }

    [Fact]
    [Trait("Requirement", "R2.15")]
    public void A_map_that_fails_while_a_view_is_prepared_undoes_what_was_mapped_for_it()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Commit(rig.View);
        rig.Attach(Device);
        var one = rig.Block("one", 0x100_0000);
        var two = rig.Block("two", 0x100_0000);
        faulting!.FailAt(2, Errno.ENOMEM, call: VfioUapi.IommuMapDma.Name);

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(new FlatView(
            [.. rig.View, Rig.Section(0x800_0000, one), Rig.Section(0xa00_0000, two)])));

        Assert.Equal(Errno.ENOMEM, prepared.Refusal!.Errno);
        Assert.Contains("two", prepared.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal(0, one.Leases);
        Assert.False(rig.Reaches(Device, 0x800_0000));
        Assert.True(rig.Reaches(Device, 0));
    }

    [Fact]
    public void A_failed_map_of_a_commit_is_a_hole_and_the_rest_is_mapped()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Attach(Device);
        var one = rig.Block("one", 0x100_0000);
        var two = rig.Block("two", 0x100_0000);
        faulting!.FailAt(1, Errno.ENOMEM, call: VfioUapi.IommuMapDma.Name);

        var report = rig.Commit(new FlatView([Rig.Section(0x800_0000, one), Rig.Section(0xa00_0000, two)]));

        Assert.Contains("one", Assert.Single(report.Holes), StringComparison.Ordinal);
        Assert.False(rig.Reaches(Device, 0x800_0000));
        Assert.True(rig.Reaches(Device, 0xa00_0000));
    }

    [Fact]
    public void A_failed_unmap_is_reported_and_the_memory_stays_leased()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Attach(Device);
        var one = rig.Block("one", 0x100_0000);
        rig.Commit(new FlatView([Rig.Section(0x800_0000, one)]));
        faulting!.FailAt(1, Errno.EINVAL, call: VfioUapi.IommuUnmapDma.Name);

        var report = rig.Commit(FlatView.Empty);

        Assert.Contains("0x8000000-0x8ffffff", Assert.Single(report.Holes), StringComparison.Ordinal);
        Assert.Equal(1, one.Leases);
        Assert.NotNull(rig.OnlyContainer().Degraded);
        Assert.True(Assert.Single(rig.OnlyContainer().Mappings).IsDying);
    }

    [Fact]
    public void A_bar_where_an_unmap_has_failed_is_left_out_and_is_no_hole()
    {
        FaultingKernel? faulting = null;
        using var rig = new Rig(wrap: kernel => (faulting = new FaultingKernel(kernel)).ToHostKernel());
        rig.Attach(Device);
        var bar = rig.Block("bar", 0x4000);
        var shown = new FlatView([.. rig.View, Rig.Section(0x1000_0000, bar, kind: SectionKind.RamDevice)]);
        rig.Commit(shown);
        faulting!.FailAt(1, Errno.EINVAL, call: VfioUapi.IommuUnmapDma.Name);
        rig.Commit(rig.View);

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(shown));
        var report = rig.Commit(shown);

        Assert.True(prepared.IsPrepared, prepared.Refusal?.Words);
        Assert.Empty(report.Holes);
        Assert.Equal("bar", Assert.Single(report.Skipped).Name);
    }

    [Fact]
    public void A_bar_that_is_mapped_but_for_a_part_is_told_as_left_out()
    {
        using var rig = new Rig(host => host
            .Group(5).Device(Device, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0x1000_0000, 0x1000_0fff)));
        rig.Attach(Device);
        var bar = rig.Block("bar", 0x6000);
        rig.Commit(new FlatView([Rig.Section(0x1000_2000, bar, offset: 0x2000, length: 0x2000, kind: SectionKind.RamDevice)]));

        var report = rig.Commit(new FlatView([Rig.Section(0x1000_0000, bar, kind: SectionKind.RamDevice)]));

        Assert.Equal(1, report.Mapped);
        Assert.Equal("bar", Assert.Single(report.Skipped).Name);
    }
}
