using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>The ring on one thread: order, bounds, ends, faults.</summary>
[Trait("Requirement", "R0.7")]
public sealed class ContainerRingTests : IAsyncDisposable
{
    private readonly FakeContainer _container = new();
    private readonly ManualWorkers _workers = new();
    private readonly List<string> _heard = [];
    private readonly ContainerRing _ring;

    public ContainerRingTests()
    {
        var first = _container.Group(1);
        first.SetContainer(3);
        _ring = new ContainerRing(new ContainerTurn(_container, first, [], _container.Info), _workers, "container-1", capacity: 3);
    }

    public ValueTask DisposeAsync() => _ring.DisposeAsync();

    [Fact]
    public void Requests_are_executed_in_the_order_of_their_posting()
    {
        Post("a");
        Post("b");
        Post("c");
        Assert.Empty(_heard);
        Drain();
        Assert.Equal(["a: Done", "b: Done", "c: Done"], _heard);
        Assert.Equal(3, _ring.Executed);
        Assert.False(_ring.HasWork);
    }

    [Fact]
    public void A_caller_that_finds_the_ring_empty_executes_at_once()
    {
        Assert.Equal(Environment.CurrentManagedThreadId, _ring.Run(_ => Environment.CurrentManagedThreadId).Value);
        Assert.Equal(0, _workers.Wakes);
    }

    [Fact]
    public void A_caller_that_finds_requests_waiting_comes_after_them()
    {
        Post("a");
        Post("b");
        Assert.True(_ring.Run(_ => Hear("mine")).IsDone);
        Assert.Equal(["a: Done", "b: Done", "mine"], _heard);
    }

    [Fact]
    public void A_full_ring_takes_nothing_and_says_so()
    {
        Post("a");
        Post("b");
        Post("c");
        Assert.False(_ring.Post(_ => 0, _ => Hear("never")));
        Assert.True(_ring.ExecuteNext());
        Post("d");
        Drain();
        Assert.Equal(["a: Done", "b: Done", "c: Done", "d: Done"], _heard);
    }

    [Fact]
    public void A_caller_of_a_full_ring_makes_room_itself()
    {
        Post("a");
        Post("b");
        Post("c");
        Assert.True(_ring.Run(_ => Hear("mine")).IsDone);
        Assert.Equal(["a: Done", "b: Done", "c: Done", "mine"], _heard);
    }

    [Fact]
    public void A_full_ring_does_not_keep_the_close_out_and_what_is_behind_it_is_closed()
    {
        Post("a");
        Post("b");
        Post("c");
        Assert.True(_ring.PostClose(result => Hear($"close: {result.Value!.IsClosed}")));
        Assert.False(_ring.PostClose(_ => Hear("never")));
        Assert.True(_ring.ExecuteNext());
        Assert.True(_ring.ExecuteNext());
        Post("behind");
        Drain();
        Assert.Equal(["a: Done", "b: Done", "c: Done", "close: True", "behind: Closed"], _heard);
        Assert.True(_ring.IsClosed);
        Assert.True(_container.IsClosed);
    }

    [Fact]
    public void After_the_close_every_request_is_answered_so_at_once()
    {
        Assert.True(_ring.PostClose(_ => { }));
        Drain();
        Post("late");
        Assert.Equal(["late: Closed"], _heard);
        Assert.Equal(RingStatus.Closed, _ring.Run(_ => 1).Status);
        Assert.True(_ring.PostClose(result => Hear($"again: {result.Status}")));
        Assert.Equal("again: Closed", _heard[^1]);
        Assert.False(_ring.HasWork);
    }

    [Fact]
    public void A_close_that_is_run_closes_the_ring_too()
    {
        Assert.True(_ring.Run(turn => turn.Close()).Value!.IsClosed);
        Assert.True(_ring.IsClosed);
    }

    [Fact]
    public void A_close_that_is_held_up_leaves_the_ring_open_for_another()
    {
        _container.DetachErrno = Errno.EBUSY;
        Assert.True(_ring.PostClose(result => Hear($"close: {result.Value!.IsClosed}")));
        Post("behind");
        Drain();
        Assert.False(_ring.IsClosed);
        _container.DetachErrno = Errno.None;
        Assert.True(_ring.PostClose(result => Hear($"close: {result.Value!.IsClosed}")));
        Drain();
        Assert.Equal(["close: False", "behind: Done", "close: True"], _heard);
    }

    [Fact]
    public void A_request_that_throws_is_its_own_fault()
    {
        RingResult<int> heard = default;
        Assert.True(_ring.Post<int>(_ => throw new InvalidDataException("mine"), result => heard = result));
        Post("next");
        Drain();
        Assert.Equal(RingStatus.Faulted, heard.Status);
        Assert.IsType<InvalidDataException>(heard.Fault);
        Assert.Equal(["next: Done"], _heard);
        Assert.Equal(RingStatus.Faulted, _ring.Run<int>(_ => throw new InvalidDataException("mine")).Status);
        Assert.Null(_ring.CompletionFault);
    }

    [Fact]
    public void A_completion_that_throws_is_shown_and_the_ring_goes_on()
    {
        Assert.True(_ring.Post(_ => 0, _ => throw new InvalidDataException("theirs")));
        Post("next");
        Drain();
        Assert.IsType<InvalidDataException>(_ring.CompletionFault);
        Assert.Equal(["next: Done"], _heard);
    }

    [Fact]
    public void A_request_that_runs_another_would_wait_for_itself()
    {
        var result = _ring.Run(_ => _ring.Run(_ => 1).Value);
        Assert.IsType<InvalidOperationException>(result.Fault);
        Assert.Equal(1, _ring.Run(_ => 1).Value);
    }

    [Fact]
    public void The_worker_is_woken_when_there_is_work_and_nobody_has_the_turn()
    {
        Assert.Equal("container-1", _workers.Name);
        Post("a");
        Assert.Equal(1, _workers.Wakes);
        Drain();
        Assert.Equal(1, _workers.Wakes);
        _ring.Run(_ => _ring.Post(_ => 0, _ => Hear("posted inside")));
        Assert.Equal(2, _workers.Wakes);
        Drain();
        Assert.Equal(["a: Done", "posted inside"], _heard);
    }

    [Fact]
    public void Maps_behind_an_unmap_of_the_same_range_wait_behind_it()
    {
        var ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x1000), 0x1000);
        var range = IovaRange.FromLength(0x1000, 0x1000);
        PostMap();
        Assert.True(_ring.Post(turn => turn.Unmap(range), result => Hear($"unmap: {result.Value}")));
        PostMap();
        Drain();
        Assert.Equal(["map: Ok", "unmap: Ok", "map: Ok"], _heard);

        void PostMap() =>
            Assert.True(_ring.Post(turn => turn.Map(range, ram, 0, DmaAccess.Read), result => Hear($"map: {result.Value}")));
    }

    private void Post(string name) => Assert.True(_ring.Post(_ => name, result => Hear($"{name}: {result.Status}")));

    private int Hear(string what)
    {
        _heard.Add(what);
        return _heard.Count;
    }

    private void Drain()
    {
        while (_ring.ExecuteNext())
        {
        }
    }
}
