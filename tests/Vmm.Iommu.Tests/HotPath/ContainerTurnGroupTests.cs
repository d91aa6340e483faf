using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

public sealed class ContainerTurnGroupTests
{
    private static readonly ReservedRegion Msi = Region(ReservedRegionKind.Msi, 0xfee0_0000, 0xfeef_ffff);

    private readonly FakeContainer _container = new();
    private readonly RamBlock _ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000), 0x100_0000);
    private readonly VfioGroup _first;
    private readonly VfioGroup _second;
    private readonly ContainerTurn _turn;

    public ContainerTurnGroupTests()
    {
        _first = _container.Group(1);
        _second = _container.Group(2);
        _first.SetContainer(3);
        _turn = new ContainerTurn(_container, _first, [], _container.Info);
    }

    [Fact]
    [Trait("Requirement", "R0.5")]
    public void An_admission_publishes_what_the_kernel_says_then()
    {
        Assert.Equal(1, _turn.Snapshot.Generation);
        _container.Info = _container.Info with { Windows = new ValidIovaRanges([IovaRange.FromBounds(0, 0xffff_ffff)]), EntriesLeft = 7 };
        var outcome = _turn.Admit(_second, [Msi]);
        Assert.True(outcome.IsDone);
        Assert.Equal(2, outcome.Snapshot.Generation);
        Assert.Equal(7u, outcome.Snapshot.EntriesLeft);
        Assert.Equal("0x0-0xfedfffff 0xfef00000-0xffffffff", outcome.Snapshot.Windows.ToString());
        Assert.Same(outcome.Snapshot, _turn.Snapshot);
        Assert.Equal([1, 2], _turn.GetState().Groups);
        Assert.Equal(["attach 2", "info"], _container.Calls);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_group_whose_hole_has_a_mapping_in_it_is_refused_without_a_call()
    {
        Map(0xfee0_0000);
        var outcome = _turn.Admit(_second, [Region(ReservedRegionKind.DirectRelaxable, 0, ulong.MaxValue), Msi]);
        Assert.False(outcome.IsDone);
        Assert.Equal(new ReservedConflict(Msi, IovaRange.FromLength(0xfee0_0000, 0x1000)), Assert.Single(outcome.Conflicts));
        Assert.Contains("group 2", outcome.Words, StringComparison.Ordinal);
        Assert.Equal(1, _turn.Snapshot.Generation);
        Assert.DoesNotContain("attach 2", _container.Calls);
    }

    [Fact]
    [Trait("Requirement", "R0.4")]
    public void A_dying_mapping_is_a_conflict_too()
    {
        Map(0xfee0_0000);
        _container.OnUnmap = _ => (Errno.EIO, 0);
        _turn.UnmapWithin(IovaRange.All);
        Assert.Single(_turn.Admit(_second, [Msi]).Conflicts);
    }

    [Fact]
    public void A_group_that_needs_a_direct_mapping_is_refused_before()
    {
        var outcome = _turn.Admit(_second, [Region(ReservedRegionKind.Direct, 0x1000, 0x1fff)]);
        Assert.False(outcome.IsDone);
        Assert.Contains("cannot be assigned", outcome.Words, StringComparison.Ordinal);
        Assert.Empty(_container.Calls);
    }

    [Theory]
    [InlineData(22)]
    [InlineData(1)]
    [InlineData(524)]
    public void What_the_kernel_refuses_changes_nothing_and_keeps_its_errno(int errno)
    {
        _container.AttachErrno = new Errno(errno);
        var outcome = _turn.Admit(_second, []);
        Assert.Equal((false, new Errno(errno)), (outcome.IsDone, outcome.Errno));
        Assert.Equal(1, _turn.Snapshot.Generation);
        Assert.Equal([1], _turn.GetState().Groups);
    }

    [Fact]
    [Trait("Requirement", "R0.7")]
    public void A_group_about_which_the_kernel_says_nothing_goes_out_again()
    {
        _container.InfoErrno = Errno.ENOMEM;
        var outcome = _turn.Admit(_second, []);
        Assert.Equal((false, Errno.ENOMEM), (outcome.IsDone, outcome.Errno));
        Assert.Equal(["attach 2", "info", "detach 2"], _container.Calls);
        Assert.Equal([1], _turn.GetState().Groups);
        Assert.Equal(1, _turn.Snapshot.Generation);
    }

    [Fact]
    public void A_group_that_cannot_go_out_again_stays_counted_and_nothing_is_mapped_blindly()
    {
        _container.InfoErrno = Errno.ENOMEM;
        _container.DetachErrno = Errno.EBUSY;
        Assert.False(_turn.Admit(_second, []).IsDone);
        Assert.Equal([1, 2], _turn.GetState().Groups);
        Assert.Equal(MapStatus.OutsideWindows, _turn.Map(IovaRange.FromLength(0, 0x1000), _ram, 0, DmaAccess.Read).Status);
    }

    [Fact]
    [Trait("Requirement", "R0.6")]
    public void After_an_eviction_the_windows_are_those_of_the_groups_that_stay()
    {
        var before = _turn.Snapshot.Windows;
        Assert.True(_turn.Admit(_second, [Msi]).IsDone);
        Map(0x1000);
        var outcome = _turn.Evict(_second);
        Assert.True(outcome.IsDone);
        Assert.False(outcome.IsBackendGone);
        Assert.Equal(before, outcome.Snapshot.Windows);
        Assert.Equal(3, outcome.Snapshot.Generation);
        Assert.Equal(1, _turn.Table.Count);
    }

    [Fact]
    public void A_group_with_an_open_device_stays_and_so_does_everything()
    {
        Assert.True(_turn.Admit(_second, []).IsDone);
        _container.DetachErrno = Errno.EBUSY;
        var outcome = _turn.Evict(_second);
        Assert.Equal((false, Errno.EBUSY), (outcome.IsDone, outcome.Errno));
        Assert.Contains("device", outcome.Words, StringComparison.Ordinal);
        Assert.Equal([1, 2], _turn.GetState().Groups);
        Assert.Equal(2, _turn.Snapshot.Generation);
    }

    [Fact]
    public void Windows_stay_as_they_were_when_the_kernel_does_not_say()
    {
        Assert.True(_turn.Admit(_second, [Msi]).IsDone);
        Map(0x1000);
        _container.InfoErrno = Errno.ENOMEM;
        var outcome = _turn.Evict(_second);
        Assert.Equal((true, Errno.ENOMEM), (outcome.IsDone, outcome.Errno));
        Assert.Equal(99u, outcome.Snapshot.EntriesLeft);
        Assert.Equal(_container.Info.Windows, outcome.Snapshot.Windows);
    }

    [Fact]
    [Trait("Requirement", "R4.1")]
    public void The_last_group_takes_every_mapping_along_and_then_nothing_can_be_mapped()
    {
        Map(0x3000);
        Map(0x1000);
        _container.Calls.Clear();
        var outcome = _turn.Evict(_first);
        Assert.True(outcome is { IsDone: true, IsBackendGone: true, Unmapped: 2 });
        Assert.Equal(["unmap 0x1000-0x1fff", "unmap 0x3000-0x3fff", "detach 1"], _container.Calls);
        Assert.Equal(0, _ram.Leases);
        Assert.Empty(outcome.Snapshot.Windows);
        Assert.Equal(MapStatus.Closed, _turn.Map(IovaRange.FromLength(0, 0x1000), _ram, 0, DmaAccess.Read).Status);
        Assert.False(_turn.Admit(_second, []).IsDone);
        Assert.True(_turn.Close() is { IsClosed: true, Unmapped: 0 });
    }

    [Fact]
    public void What_could_not_be_unmapped_ends_with_the_backend()
    {
        Map(0x1000);
        _container.OnUnmap = _ => (Errno.EIO, 0);
        Assert.True(_turn.Evict(_first) is { IsDone: true, IsBackendGone: true, Unmapped: 0 });
        Assert.Equal((0, 0), (_turn.Table.Count, _ram.Leases));
        Assert.True(_turn.GetState().IsTainted);
    }

    [Fact]
    public void A_detach_that_failed_after_its_effect_is_a_detach()
    {
        Assert.True(_turn.Admit(_second, []).IsDone);
        _second.UnsetContainer();
        _container.DetachErrno = Errno.EINVAL;
        Assert.True(_turn.Evict(_second).IsDone);
    }

    [Fact]
    public void A_stranger_is_not_evicted()
    {
        Assert.False(_turn.Evict(_second).IsDone);
        Assert.Empty(_container.Calls);
    }

    [Fact]
    public void Holes_of_the_user_are_cut_and_refused_over_a_mapping()
    {
        Map(0x1000);
        var hole = Region(ReservedRegionKind.User, 0x8000, 0xffff);
        Assert.True(_turn.SetUserHoles([hole]).IsDone);
        Assert.Equal("0x0-0x7fff 0x10000-0xffffffffffff", _turn.Snapshot.Windows.ToString());
        Assert.Equal(99u, _turn.GetState().EntriesLeft);
        Assert.False(_turn.SetUserHoles([Region(ReservedRegionKind.User, 0, 0xffff)]).IsDone);
        Assert.Equal(2, _turn.Snapshot.Generation);
        Assert.True(_turn.SetUserHoles([]).IsDone);
        Assert.Equal("0x0-0xffffffffffff", _turn.Snapshot.Windows.ToString());
        Assert.DoesNotContain("info", _container.Calls);
    }

    [Fact]
    [Trait("Requirement", "R0.21")]
    public void Regions_of_a_late_member_are_tested_and_cut_here_because_the_kernel_does_neither()
    {
        Map(0xfee0_0000);
        Assert.Single(_turn.SetRegions(_first, [Msi]).Conflicts);
        Assert.True(_turn.UnmapWithin(Msi.Range).Unmapped == 1);
        Assert.True(_turn.SetRegions(_first, [Msi]).IsDone);
        Assert.Equal(MapStatus.OutsideWindows, _turn.Map(IovaRange.FromLength(0xfee0_0000, 0x1000), _ram, 0, DmaAccess.Read).Status);
        Assert.False(_turn.SetRegions(_second, []).IsDone);
    }

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void Windows_that_the_kernel_does_not_report_are_unknown_and_not_empty()
    {
        var info = _container.Info with { Windows = null };
        var turn = new ContainerTurn(_container, _first, [Msi], info);
        Assert.False(turn.Snapshot.AreWindowsKnown);
        Assert.Equal("0x0-0xfedfffff 0xfef00000-0xffffffffffffffff", turn.Snapshot.Windows.ToString());
    }

    [Fact]
    public void Closing_unmaps_takes_the_groups_out_youngest_first_and_closes()
    {
        Assert.True(_turn.Admit(_second, []).IsDone);
        Map(0x1000);
        _container.Calls.Clear();
        var outcome = _turn.Close();
        Assert.True(outcome is { IsClosed: true, Unmapped: 1, MappingsLeft: 0, MembersLeft: [], Words: "" });
        Assert.Equal(["unmap 0x1000-0x1fff", "detach 2", "detach 1", "close"], _container.Calls);
        Assert.Equal(0, _ram.Leases);
        Assert.Equal(MapStatus.Closed, _turn.Unmap(IovaRange.FromLength(0x1000, 0x1000)).Status);
        Assert.True(_turn.Close().IsClosed);
        Assert.Single(_container.Calls, "close");
    }

    [Fact]
    public void A_close_that_something_holds_up_is_accounted_for_and_can_go_on()
    {
        Map(0x1000);
        _container.DetachErrno = Errno.EBUSY;
        _container.OnUnmap = _ => (Errno.EIO, 0);
        var outcome = _turn.Close();
        Assert.True(outcome is { IsClosed: false, MappingsLeft: 1, MembersLeft: [{ Group: 1 }] });
        Assert.Equal(Errno.EIO, outcome.Errno);
        Assert.Equal(1, _ram.Leases);
        Assert.Equal(MapStatus.Closed, _turn.Map(IovaRange.FromLength(0x9000, 0x1000), _ram, 0, DmaAccess.Read).Status);
        _container.DetachErrno = Errno.None;
        Assert.True(_turn.Close() is { IsClosed: true, MappingsLeft: 0 });
        Assert.Equal(0, _ram.Leases);
    }

    private void Map(ulong start) => Assert.True(_turn.Map(IovaRange.FromLength(start, 0x1000), _ram, 0, DmaAccess.ReadWrite).IsOk);

    private static ReservedRegion Region(ReservedRegionKind kind, ulong start, ulong last) =>
        new(kind, IovaRange.FromBounds(start, last), "group 2", "test");
}
