using System.Collections.Concurrent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>The ring under several threads and a worker of its own.</summary>
[Trait("Requirement", "R0.7")]
public sealed class ContainerRingThreadTests : IAsyncDisposable
{
    private const int Threads = 4;

    private readonly FakeContainer _container = new();
    private readonly ContainerRing _ring;
    private int _inside;
    private int _meetings;

    public ContainerRingThreadTests()
    {
        _container.Info = _container.Info with { EntriesLeft = null };
        _ring = new ContainerRing(new ContainerTurn(_container, _container.Group(1), [], _container.Info), new IoctlWorkers(), "c1", capacity: 8);
    }

    public ValueTask DisposeAsync() => _ring.DisposeAsync();

    [Fact]
    public void One_thread_at_a_time_has_the_turn_and_each_ones_order_is_kept()
    {
        const int Rounds = 2000;
        var seen = Enumerable.Range(0, Threads).Select(_ => new List<int>()).ToArray();
        InParallel(thread =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var number = round;
                if (round % 3 == 0)
                {
                    Assert.True(_ring.Run(_ => Alone(() => seen[thread].Add(number))).IsDone);
                    continue;
                }

                while (!_ring.Post(_ => Alone(() => seen[thread].Add(number)), _ => { }))
                {
                    Assert.True(_ring.Run(_ => Alone(() => { })).IsDone);
                }
            }
        });
        Assert.True(_ring.Run(_ => true).IsDone);
        Assert.Equal(0, _meetings);
        Assert.All(seen, numbers => Assert.Equal(Enumerable.Range(0, Rounds), numbers));
    }

    [Fact]
    public void A_caller_waits_while_another_thread_has_the_turn()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var order = new List<string>();
        Assert.True(_ring.Post(
            _ =>
            {
                entered.Set();
                release.Wait();
                order.Add("first");
                return 0;
            },
            _ => { }));
        entered.Wait();
        var waiting = new Thread(() => _ring.Run(_ =>
        {
            order.Add("second");
            return 0;
        }));
        waiting.Start();
        Assert.Empty(order);
        release.Set();
        waiting.Join();
        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public void Callers_of_a_full_ring_wait_for_room_and_none_is_lost()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Assert.True(_ring.Post(
            _ =>
            {
                entered.Set();
                release.Wait();
                return 0;
            },
            _ => { }));
        entered.Wait();
        for (var waiting = 0; waiting < _ring.Capacity; waiting++)
        {
            Assert.True(_ring.Post(_ => 0, _ => { }));
        }

        Assert.False(_ring.Post(_ => 0, _ => { }));
        var executed = 0;
        var threads = Start(_ => _ring.Run(_ => Alone(() => executed++)));
        release.Set();
        threads.ForEach(thread => thread.Join());
        Assert.Equal(Threads, executed);
    }

    [Fact]
    public async Task A_posted_request_is_executed_by_the_worker_on_a_thread_of_its_own()
    {
        var done = new TaskCompletionSource<(string? Name, bool IsPool, bool IsBackground)>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_ring.Post(
            _ => (Thread.CurrentThread.Name, Thread.CurrentThread.IsThreadPoolThread, Thread.CurrentThread.IsBackground),
            result => done.SetResult(result.Value)));
        Assert.Equal(("ioctl c1", false, true), await done.Task);
    }

    [Fact]
    public async Task Stopping_the_worker_executes_first_what_waits_and_may_be_repeated()
    {
        var executed = 0;
        for (var post = 0; post < 5; post++)
        {
            Assert.True(_ring.Post(_ => ++executed, _ => { }));
        }

        await _ring.DisposeAsync();
        await _ring.DisposeAsync();
        Assert.Equal(5, executed);
    }

    [Fact]
    public void Maps_from_many_threads_leave_kernel_and_table_the_same()
    {
        var ram = RamBlock.FromExisting("pc.ram", new HostAddress(0x1000), 0x1000);
        InParallel(thread =>
        {
            for (var round = 0; round < 500; round++)
            {
                var range = IovaRange.FromLength((ulong)((round * Threads) + thread) * 0x1000, 0x1000);
                Assert.True(_ring.Run(turn => turn.Map(range, ram, 0, DmaAccess.Read)).Value.IsOk);
                if (round % 2 == 0)
                {
                    Assert.True(_ring.Run(turn => turn.Unmap(range)).Value.IsOk);
                }
            }
        });
        var mapped = _ring.Run(turn => turn.Table.Select(mapping => mapping.Range).ToList()).Value;
        Assert.Equal(_container.Mapped.Values, mapped);
        Assert.Equal(Threads * 250, ram.Leases);
    }

    [Fact]
    public async Task Requests_that_race_with_the_close_are_each_answered_once()
    {
        const int Posts = 500;
        var (accepted, done, closed) = (0, 0, 0);
        InParallel(thread =>
        {
            for (var post = 0; post < Posts; post++)
            {
                if (thread == 0 && post == Posts / 2)
                {
                    Assert.True(_ring.Run(turn => turn.Close()).IsDone);
                }

                if (_ring.Post(_ => 0, result => Interlocked.Increment(ref result.IsDone ? ref done : ref closed)))
                {
                    Interlocked.Increment(ref accepted);
                }
            }
        });

        await _ring.DisposeAsync();
        Assert.True(_ring.IsClosed);
        Assert.Equal(RingStatus.Closed, _ring.Run(_ => 0).Status);
        Assert.Equal(accepted, done + closed);
        Assert.NotEqual(0, closed);
    }

    private int Alone(Action work)
    {
        _meetings += Interlocked.Exchange(ref _inside, 1);
        work();
        Volatile.Write(ref _inside, 0);
        return 0;
    }

    private static void InParallel(Action<int> work)
    {
        var faults = new ConcurrentQueue<Exception>();
        Start(number =>
        {
            try
            {
                work(number);
            }
            catch (Exception fault)
            {
                faults.Enqueue(fault);
            }
        }).ForEach(thread => thread.Join());
        Assert.Empty(faults);
    }

    private static List<Thread> Start(Action<int> work)
    {
        var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            work(number);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        return threads;
    }
}
