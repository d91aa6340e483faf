using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

public sealed class ContainerTurnMapTests
{
    private const ulong Page = 0x1000;

    private readonly FakeContainer _container = new();
    private readonly RamBlock _ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000), 0x100_0000);
    private readonly VfioGroup _first;

    public ContainerTurnMapTests() => _first = _container.Group(1);

    [Fact]
    public void A_mapping_is_in_kernel_and_table_and_holds_a_lease()
    {
        var turn = Turn();
        Assert.Equal(MapResult.Ok, turn.Map(At(2, 2), _ram, 0x3000, DmaAccess.Read));
        Assert.True(turn.Table.TryFind(new Iova(0x3fff), out var mapping));
        Assert.Equal(new HostAddress(0x7000_3000), mapping.HostAddress);
        Assert.Equal(DmaAccess.Read, mapping.Access);
        Assert.Equal(1, _ram.Leases);
        Assert.Equal(99u, turn.GetState().EntriesLeft);
        Assert.Equal(["map 0x2000-0x3fff"], _container.Calls);
    }

    [Theory]
    [Trait("Requirement", "R0.3")]
    [InlineData(0x1800, 0x1000, 0, MapStatus.BadRange)]
    [InlineData(0x1000, 0x800, 0, MapStatus.BadRange)]
    [InlineData(0x1000, 0x1000, 0x10, MapStatus.BadRange)]
    [InlineData(0x1000, 0x1000, 0x100_0000, MapStatus.BadRange)]
    [InlineData(0x1000, 0x2000, 0xff_f000, MapStatus.BadRange)]
    [InlineData(0x1000, 0x1000, ulong.MaxValue, MapStatus.BadRange)]
    [InlineData(0xffff_ffff_f000, 0x2000, 0, MapStatus.OutsideWindows)]
    [InlineData(0xffff_ffff_ffff_f000, 0x1000, 0, MapStatus.OutsideWindows)]
    [InlineData(0xfee0_0000, 0x1000, 0, MapStatus.OutsideWindows)]
    [InlineData(0x8000, 0x1000, 0, MapStatus.Overlaps)]
    [InlineData(0x7000, 0x4000, 0, MapStatus.Overlaps)]
    public void A_map_that_cannot_be_is_refused_before_the_kernel_is_asked(ulong start, ulong length, ulong offset, MapStatus status)
    {
        var turn = Turn(Region(ReservedRegionKind.Msi, 0xfee0_0000, 0xfeef_ffff));
        Assert.True(turn.Map(At(8), _ram, 0, DmaAccess.Read).IsOk);
        Assert.Equal(MapResult.Of(status), turn.Map(IovaRange.FromLength(start, length), _ram, offset, DmaAccess.ReadWrite));
        Assert.Single(_container.Calls);
        Assert.Equal(1, _ram.Leases);
    }

    [Fact]
    public void A_direct_relaxable_region_is_no_hole()
    {
        var turn = Turn(Region(ReservedRegionKind.DirectRelaxable, 0x1000, 0xffff));
        Assert.True(turn.Map(At(1), _ram, 0, DmaAccess.Read).IsOk);
    }

    [Fact]
    [Trait("Requirement", "R0.3")]
    public void Without_entries_left_a_map_is_refused_and_an_unmap_gives_one_back()
    {
        _container.Info = _container.Info with { EntriesLeft = 1 };
        var turn = Turn();
        Assert.True(turn.Map(At(1), _ram, 0, DmaAccess.Read).IsOk);
        Assert.Equal(MapStatus.OutOfMappings, turn.Map(At(2), _ram, 0, DmaAccess.Read).Status);
        Assert.Single(_container.Calls);
        Assert.True(turn.Unmap(At(1)).IsOk);
        Assert.True(turn.Map(At(2), _ram, 0, DmaAccess.Read).IsOk);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_entry_that_a_failed_unmap_gave_back_is_counted_once(bool isCountedMeanwhile)
    {
        var turn = Turn();
        Assert.True(turn.Map(At(1), _ram, 0, DmaAccess.Read).IsOk);
        _container.OnUnmap = range => (_container.Mapped.Remove(range.Start) ? Errno.EIO : SysResult.Ok, 0);
        Assert.Equal(MapResult.Refused(Errno.EIO), turn.Unmap(At(1)));
        if (isCountedMeanwhile)
        {
            Assert.True(turn.Admit(_container.Group(2), []).IsDone);
            Assert.Equal(100u, turn.GetState().EntriesLeft);
        }

        Assert.Equal(MapResult.Ok, turn.Unmap(At(1)));
        Assert.Equal(100u, turn.GetState().EntriesLeft);
        Assert.Equal(isCountedMeanwhile ? 2 : 0, _container.Calls.Count(call => call == "info"));
    }

    [Fact]
    public void Entries_that_the_kernel_does_not_count_are_its_own_to_refuse()
    {
        _container.Info = _container.Info with { EntriesLeft = null };
        _container.MapErrno = Errno.ENOSPC;
        var turn = Turn();
        Assert.Equal(new MapResult(MapStatus.OutOfMappings, Errno.ENOSPC), turn.Map(At(1), _ram, 0, DmaAccess.Read));
        Assert.Null(turn.GetState().EntriesLeft);
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void A_map_that_the_kernel_refuses_leaves_nothing_behind()
    {
        _container.MapErrno = Errno.ENOMEM;
        var turn = Turn();
        Assert.Equal(MapResult.Refused(Errno.ENOMEM), turn.Map(At(1), _ram, 0, DmaAccess.Read));
        Assert.Equal(0, turn.Table.Count);
        Assert.Equal(0, _ram.Leases);
        Assert.Equal(100u, turn.GetState().EntriesLeft);
    }

    [Fact]
    public void Memory_that_has_left_is_not_mapped()
    {
        _ram.Retire();
        Assert.Equal(MapStatus.MemoryGone, Turn().Map(At(1), _ram, 0, DmaAccess.Read).Status);
        Assert.Empty(_container.Calls);
    }

    [Fact]
    [Trait("Requirement", "R1.1")]
    public void An_unmap_takes_several_whole_mappings_in_one_call()
    {
        var turn = WithPages(1, 2, 5);
        Assert.True(turn.Unmap(At(0, 8)).IsOk);
        Assert.Single(_container.Calls, call => call.StartsWith("unmap", StringComparison.Ordinal));
        Assert.Equal(0, turn.Table.Count);
        Assert.Equal(0, _ram.Leases);
    }

    [Theory]
    [Trait("Requirement", "R1.1")]
    [InlineData(0x9000, 0x1000)]
    [InlineData(0x5000, 0x1000)]
    [InlineData(0x4000, 0x1000)]
    [InlineData(0x0000, 0x5000)]
    public void An_unmap_of_nothing_or_of_half_a_mapping_never_reaches_the_kernel(ulong start, ulong length)
    {
        var turn = Turn();
        Assert.True(turn.Map(At(4, 2), _ram, 0, DmaAccess.Read).IsOk);
        Assert.Equal(MapStatus.NotMapped, turn.Unmap(IovaRange.FromLength(start, length)).Status);
        Assert.Single(_container.Calls);
        Assert.Equal(1, _ram.Leases);
        Assert.False(turn.GetState().IsTainted);
    }

    [Fact]
    public void A_failed_unmap_keeps_the_range_dying_with_its_lease_and_taints()
    {
        var turn = WithPages(1, 2);
        _container.OnUnmap = _ => (Errno.EIO, 0);
        Assert.Equal(MapResult.Refused(Errno.EIO), turn.Unmap(At(1)));
        Assert.True(turn.Table.TryFind(new Iova(Page), out var mapping));
        Assert.Equal(MappingState.Dying, mapping.State);
        Assert.Equal(2, _ram.Leases);
        Assert.Equal(MapStatus.Tainted, turn.Map(At(1), _ram, 0, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.Tainted, turn.Map(At(0, 4), _ram, 0, DmaAccess.Read).Status);
        Assert.Equal(MapStatus.Overlaps, turn.Map(At(2), _ram, 0, DmaAccess.Read).Status);
        var state = turn.GetState();
        Assert.True(state.IsTainted);
        Assert.Equal((At(1), MapResult.Refused(Errno.EIO), 1), (state.TaintedAt!.Value, state.TaintedBy, state.Dying));
    }

    [Theory]
    [InlineData(0x0)]
    [InlineData(0x2000)]
    public void An_unmap_that_unmapped_another_amount_counts_as_failed(ulong unmapped)
    {
        var turn = WithPages(1);
        _container.OnUnmap = _ => (SysResult.Ok, unmapped);
        Assert.Equal(MapStatus.Tainted, turn.Unmap(At(1)).Status);
        Assert.Equal((1, 1, 1), (turn.Table.Count, turn.Table.DyingCount, _ram.Leases));
    }

    [Theory]
    [InlineData(0x0)]
    [InlineData(0x1000)]
    public void A_dying_range_can_be_unmapped_again_also_when_it_is_gone_already(ulong unmapped)
    {
        var turn = WithPages(1);
        _container.OnUnmap = _ => (Errno.EIO, 0);
        Assert.False(turn.Unmap(At(1)).IsOk);
        _container.OnUnmap = _ => (SysResult.Ok, unmapped);
        Assert.True(turn.Unmap(At(1)).IsOk);
        Assert.Equal(0, _ram.Leases);
        Assert.True(turn.GetState().IsTainted);
    }

    [Fact]
    public void A_lease_ends_after_the_unmap_and_not_before()
    {
        var turn = WithPages(1);
        _ram.Retire();
        _container.OnUnmap = range =>
        {
            Assert.False(_ram.IsReleased);
            return null;
        };
        Assert.True(turn.Unmap(At(1)).IsOk);
        Assert.True(_ram.IsReleased);
    }

    [Fact]
    public void Unmapping_within_a_range_goes_upwards_and_past_failures()
    {
        var turn = WithPages(1, 3, 5, 7);
        Assert.True(turn.Map(At(9, 2), _ram, 0, DmaAccess.Read).IsOk);
        _container.OnUnmap = range => range == At(3) ? (Errno.EIO, 0) : null;
        var report = turn.UnmapWithin(IovaRange.FromBounds(0x2000, 0x9fff));
        Assert.Equal(new UnmapReport(2, 0x2000, 2, MapResult.Refused(Errno.EIO)), report);
        Assert.Equal(["unmap 0x3000-0x3fff", "unmap 0x5000-0x5fff", "unmap 0x7000-0x7fff"], _container.Calls.Skip(5));
        Assert.Equal([At(1), At(3), At(9, 2)], turn.Table.Select(mapping => mapping.Range));
    }

    [Fact]
    public void Unmapping_within_the_whole_space_reaches_its_top()
    {
        _container.Info = _container.Info with { Windows = null };
        var turn = Turn();
        Assert.True(turn.Map(IovaRange.FromBounds(ulong.MaxValue - 0xfff, ulong.MaxValue), _ram, 0, DmaAccess.Read).IsOk);
        Assert.Equal(1, turn.UnmapWithin(IovaRange.All).Unmapped);
    }

    private ContainerTurn Turn(params ReservedRegion[] regions) => new(_container, _first, regions, _container.Info);

    private ContainerTurn WithPages(params ulong[] pages)
    {
        var turn = Turn();
        Assert.All(pages, page => Assert.True(turn.Map(At(page), _ram, page * Page, DmaAccess.ReadWrite).IsOk));
        return turn;
    }

    private static IovaRange At(ulong page, ulong pages = 1) => IovaRange.FromLength(page * Page, pages * Page);

    private static ReservedRegion Region(ReservedRegionKind kind, ulong start, ulong last) =>
        new(kind, IovaRange.FromBounds(start, last), "group 1", "test");
}
