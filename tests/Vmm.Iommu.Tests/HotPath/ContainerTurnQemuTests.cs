using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>Containers in which the kernel decides.</summary>
public sealed class ContainerTurnQemuTests
{
    private static readonly IovaRange Range = IovaRange.FromLength(0x2000, 0x1000);

    private readonly FakeContainer _container = new();
    private readonly RamBlock _ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000), 0x100_0000);
    private readonly ContainerTurn _turn;

    public ContainerTurnQemuTests() => _turn = new ContainerTurn(_container, _container.Group(1), [], _container.Info) { KernelDecides = true };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refused_map_calls_nothing_more_and_its_memory_stays_until_the_unmap(bool hasEffect)
    {
        (_container.MapErrno, _container.MapsAllTheSame) = (Errno.EINVAL, hasEffect);

        Assert.Equal(MapResult.Refused(Errno.EINVAL), _turn.Map(Range, _ram, 0, DmaAccess.Read));
        Assert.Equal(["map 0x2000-0x2fff"], _container.Calls);
        Assert.Equal((0, 1), (_turn.Table.Count, _ram.Leases));

        Assert.Equal(MapResult.Ok, _turn.Unmap(Range));
        Assert.Equal(0, _ram.Leases);
        Assert.Null(_turn.GetState().TaintedAt);
    }

    [Fact]
    public void A_map_refused_twice_holds_its_memory_once_and_one_beyond_the_limit_not_at_all()
    {
        _container.MapErrno = Errno.EINVAL;
        _turn.Map(Range, _ram, 0, DmaAccess.Read);
        _turn.Map(Range, _ram, 0, DmaAccess.Read);
        Assert.Equal(1, _ram.Leases);

        _container.MapErrno = Errno.ENOSPC;
        _turn.Map(IovaRange.FromLength(0x8000, 0x1000), _ram, 0, DmaAccess.Read);
        Assert.Equal(1, _ram.Leases);
    }

    [Fact]
    public void A_map_that_succeeds_settles_the_doubt_about_the_one_before()
    {
        _container.MapErrno = Errno.ENOMEM;
        _turn.Map(Range, _ram, 0, DmaAccess.Read);
        _container.MapErrno = Errno.None;
        Assert.True(_turn.Map(Range, _ram, 0, DmaAccess.Read).IsOk);
        Assert.Equal(1, _ram.Leases);

        _turn.UnmapDoubted();
        Assert.Equal(["map 0x2000-0x2fff", "map 0x2000-0x2fff"], _container.Calls);
    }

    [Fact]
    public void The_end_of_the_backend_ends_what_refused_maps_hold()
    {
        _container.MapErrno = Errno.EINVAL;
        _turn.Map(Range, _ram, 0, DmaAccess.Read);

        Assert.True(_turn.CloseWithoutDetach().IsClosed);
        Assert.Equal(0, _ram.Leases);
    }

    [Fact]
    public void A_range_whose_unmap_has_failed_takes_no_map_though_the_kernel_would()
    {
        Assert.True(_turn.Map(Range, _ram, 0, DmaAccess.Read).IsOk);
        _container.OnUnmap = range => (_container.Mapped.Remove(range.Start) ? Errno.EINTR : SysResult.Ok, 0);
        Assert.False(_turn.Unmap(Range).IsOk);

        Assert.Equal(MapResult.Of(MapStatus.Tainted), _turn.Map(Range, _ram, 0, DmaAccess.Read));
        Assert.Equal(1, _ram.Leases);
    }
}
