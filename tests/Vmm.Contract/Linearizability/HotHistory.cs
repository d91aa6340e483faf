using Vmm.Contract.Containers;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;

namespace Vmm.Contract.Linearizability;

/// <summary>Plays histories on a container: four threads, a barrier before each round, and every answer with the time in which it came.</summary>
internal sealed class HotHistory : IAsyncDisposable
{
    private const int Threads = 4;
    private const ulong Base = 0x10_0000;
    private const ulong Page = OpenedContainer.Page;

    private readonly RamBlock _memory;
    private readonly Func<IContainerMember> _open;
    private readonly ContainerRing _ring;
    private readonly DmaMapper _mapper = new();
    private readonly DmaBatch[] _batches;
    private IContainerMember? _second;
    private long _clock;

    /// <summary>Histories on a container that nobody else changes.</summary>
    /// <param name="opened">The container; nothing is mapped in it.</param>
    /// <param name="open">A further member, not in any container.</param>
    public HotHistory(OpenedContainer opened, Func<IContainerMember> open)
    {
        _memory = opened.Memory;
        _open = open;
        var turn = new ContainerTurn(opened.Container, opened.Member, [], opened.Container.GetInfo().Value!);
        _ring = new ContainerRing(turn, new IoctlWorkers(), "history", capacity: 7);
        _mapper.PublishLanes([new DmaLane(_ring)]);
        _batches = [.. Enumerable.Range(0, Threads).Select(_ => _mapper.NewBatch(2))];
    }

    /// <summary>True to have questions answered by what the last round left: what a table that is read outside the turn would do.</summary>
    public bool AnswersFromStaleRead { get; init; }

    /// <summary>The state as the last round left it.</summary>
    public HotState State { get; private set; }

    /// <summary>Plays rounds, and explains each.</summary>
    /// <param name="seed">Where the scripts come from.</param>
    /// <param name="rounds">How many.</param>
    /// <returns>The first round that no order explains, in words; null when each is explained.</returns>
    public string? Play(int seed, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(HashCode.Combine(seed, round));
            var scripts = Enumerable.Range(0, Threads).Select(thread => HotScript.Write(random, isView: thread == 0)).ToList();
            var played = PlayRound(scripts);
            var owners = Ask();
            if (!HotOrder.TryExplain(State, played, owners, out var after))
            {
                var lines = played.SelectMany((events, thread) => events.Select(one => $"  thread {thread} {one}"));
                return $"seed {seed} round {round}: no order explains this from {State} to {owners:x6}\n{string.Join('\n', lines)}";
            }

            State = after;
        }

        return null;
    }

    /// <summary>
    /// Asserts that kernel, table and leases are equal: a mapping a lease, each mapping's bytes in the kernel, which the table makes sure
    /// of at the unmap, and nothing there behind that. Takes the further member out.
    /// </summary>
    /// <param name="container">The container, with no turn between.</param>
    public void End(IDmaContainer container)
    {
        var mappings = InTurn(turn => turn.Table.Count);
        Assert.Equal(mappings, _memory.Leases);
        var bytes = InTurn(turn => turn.Table.Bytes);
        Assert.Equal(new UnmapReport(mappings, bytes, Failed: 0, default), InTurn(turn => turn.UnmapWithin(IovaRange.All)));
        container.UnmapAll(out var left);
        Assert.Equal((0UL, 0), (left, _memory.Leases));
        Assert.False(InTurn(turn => turn.GetState()).IsTainted);
        Evict();
    }

    public ValueTask DisposeAsync() => _ring.DisposeAsync();

    private List<List<HotEvent>> PlayRound(List<IReadOnlyList<HotOperation>> scripts)
    {
        var played = scripts.ConvertAll(_ => new List<HotEvent>());
        var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            PlayScript(thread, scripts[thread], played[thread]);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return played;
    }

    private void PlayScript(int thread, IReadOnlyList<HotOperation> script, List<HotEvent> played)
    {
        for (var at = 0; at < script.Count; at++)
        {
            var invoked = Tick();
            if (script[at].Kind != HotOperationKind.Post)
            {
                var answer = Answer(script[at]);
                if (answer is { } told)
                {
                    played.Add(new HotEvent(script[at], invoked, Tick(), told));
                }

                continue;
            }

            var batch = _batches[thread];
            var later = batch.PostUnmap(RangeOf(script[at])) + 1;
            var second = Tick();
            Assert.Equal(later, batch.PostUnmap(RangeOf(script[at + 1])));
            batch.Flush();
            var answered = Tick();
            played.Add(new HotEvent(script[at], invoked, answered, (int)batch[0].Status));
            played.Add(new HotEvent(script[++at], second, answered, (int)batch[1].Status));
        }
    }

    /// <summary>The answer; null for what was not asked, because the member is where it is to go already.</summary>
    private int? Answer(HotOperation operation)
    {
        var range = operation.Pages == 0 ? default : RangeOf(operation);
        var offset = (ulong)operation.First * Page;
        return operation.Kind switch
        {
            HotOperationKind.Map => (int)_mapper.TryMap(range, _memory, offset, DmaAccess.ReadWrite).Status,
            HotOperationKind.Unmap => (int)_mapper.TryUnmap(range).Status,
            HotOperationKind.Clear => (int)_mapper.UnmapNotify(range.Start.Value, range.Last.Value).Status,
            HotOperationKind.MapView => (int)InTurn(turn => turn.Map(range, _memory, offset, DmaAccess.ReadWrite)).Status,
            HotOperationKind.UnmapView => (int)InTurn(turn => turn.Unmap(range)).Status,
            HotOperationKind.UnmapAll => InTurn(turn => turn.UnmapWithin(IovaRange.All)).Unmapped,
            HotOperationKind.Admit => Admit(range),
            HotOperationKind.Evict => Evict(),
            HotOperationKind.SetHoles => Said(InTurn(turn => turn.SetUserHoles(operation.Pages == 0 ? [] : [Hole(range)]))),
            HotOperationKind.SetHot => InTurn(turn => turn.SetHotWindows(new ValidIovaRanges([range]))).Unmapped,
            _ => AnswersFromStaleRead ? State.Owners : Ask(),
        };
    }

    private int? Admit(IovaRange range)
    {
        if (_second is not null)
        {
            return null;
        }

        var member = _open();
        var admitted = InTurn(turn => turn.Admit(member, [Hole(range)]));
        if (!admitted.IsDone)
        {
            Assert.NotEmpty(admitted.Conflicts);
            Assert.True(member.Close().IsOk);
            return HotState.Refused;
        }

        _second = member;
        return HotState.Done;
    }

    private int? Evict()
    {
        if (_second is not { } member)
        {
            return null;
        }

        var evicted = InTurn(turn => turn.Evict(member));
        Assert.True(evicted.IsDone, evicted.Words);
        Assert.True(member.Close().IsOk);
        _second = null;
        return HotState.Done;
    }

    private int Ask() => InTurn(turn =>
    {
        var owners = 0;
        foreach (var mapping in turn.Table)
        {
            var first = PageOf(mapping.Range.Start);
            for (var page = first; page <= PageOf(mapping.Range.Last); page++)
            {
                owners |= (first + 1) << (page * 4);
            }
        }

        return owners;
    });

    /// <summary>As an actor does: posted, and executed by the worker.</summary>
    private T InTurn<T>(Func<ContainerTurn, T> work)
    {
        RingResult<T> answer = default;
        using var isAnswered = new ManualResetEventSlim();
        while (!_ring.Post(work, Hear))
        {
            // The ring is full: another vCPU's request in its order makes room.
            _ = _ring.Run(turn => turn.Table.Count);
        }

        isAnswered.Wait();
        return answer.IsDone ? answer.Value : throw new InvalidOperationException($"{answer.Status} {answer.Fault}");

        void Hear(RingResult<T> result)
        {
            answer = result;
            isAnswered.Set();
        }
    }

    private long Tick() => Interlocked.Increment(ref _clock);

    private static int Said(AdmitOutcome outcome) => outcome.IsDone ? HotState.Done : HotState.Refused;

    private static ReservedRegion Hole(IovaRange range) => new(ReservedRegionKind.Reserved, range, "a history", "test");

    private static IovaRange RangeOf(HotOperation operation) => IovaRange.FromLength(Base + ((ulong)operation.First * Page), (ulong)operation.Pages * Page);

    private static int PageOf(Iova iova) => (int)((iova.Value - Base) / Page);
}
