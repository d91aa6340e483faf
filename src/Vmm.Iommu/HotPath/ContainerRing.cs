using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// The one order of everything that changes a container: maps, slices of views, admissions, evictions, questions, the close.
/// Requests are executed in the order in which they were accepted, each to its end before the next begins, by one thread at a
/// time: whoever has the turn. That order is what serialises mapping changes against group attach. Bounded: a full ring is
/// back-pressure, never a drop. Any thread may call it, and no caller keeps another from claiming its place.
/// </summary>
public sealed partial class ContainerRing : IAsyncDisposable
{
    private const int Nobody = 0;

    // A sequence says three things of a position, and the next position of the same slot must be none of them.
    private const int FewestSlots = 4;

    // How much a caller does for others before it gives the turn back.
    private const int LongestTurnOfCaller = 64;

    private readonly RingSlot[] _slots;
    private readonly ContainerTurn _turn;
    private readonly IRingWorker _worker;
    private readonly ContainerMeter? _meter;

    // Callers of a full ring sleep on it. Never held while a request or a completion runs.
    private readonly object _room = new();

    // Positions only grow. A slot is at position modulo the number of slots: claimed at the tail, executed at the head.
    private long _tail;
    private long _head;
    private int _holder = Nobody;
    private int _waitingForRoom;
    private int _waitingForAnswer;
    private int _leftToWorker;
    private bool _isClosed;
    private long _executed;
    private Exception? _completionFault;

    /// <summary>A ring over a container that nobody else changes.</summary>
    /// <param name="turn">The container's state; the ring's alone from now on.</param>
    /// <param name="workers">Who executes what no caller executes itself.</param>
    /// <param name="name">What people see: <c>container-1</c>.</param>
    /// <param name="capacity">Requests that may wait; the close has a place of its own beside them.</param>
    /// <param name="meters">Where it is seen until it is closed or its worker stopped; null for nowhere.</param>
    public ContainerRing(ContainerTurn turn, IRingWorkers workers, string name, int capacity = 1023, VfioMeters? meters = null)
    {
        ArgumentNullException.ThrowIfNull(turn);
        ArgumentNullException.ThrowIfNull(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _turn = turn;
        _slots = [.. Enumerable.Range(0, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity + 1, FewestSlots))).Select(position => new RingSlot(position))];
        Name = name;
        Capacity = capacity;
        _worker = workers.Start(this, name);

        // Last: a ring without a worker is not seen.
        _turn.Meter = _meter = meters?.Join(this, turn);
    }

    /// <summary>What people see.</summary>
    public string Name { get; }

    /// <summary>Requests that may wait.</summary>
    public int Capacity { get; }

    /// <summary>What the container allows, as published last.</summary>
    public ContainerSnapshot Snapshot => _turn.Snapshot;

    /// <summary>Requests waiting; one in execution is not among them.</summary>
    public int Count
    {
        get
        {
            // The head first: it never passes the tail.
            var head = Head;
            return (int)(Tail - head);
        }
    }

    /// <summary>True while a request waits.</summary>
    public bool HasWork => Count > 0;

    /// <summary>True once the container is closed: every request from then on is answered so.</summary>
    // ORDERING: acquire, the pair of the write in Account: the close's outcome is there before it is said so.
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Requests executed so far.</summary>
    // ORDERING: a count to be looked at; the pair of the write in Account.
    public long Executed => Volatile.Read(ref _executed);

    /// <summary>The first exception that a completion threw, or null. A completion may not throw; the ring goes on, and health shows this.</summary>
    // ORDERING: acquire, the pair of the exchange in Note: the exception is whole.
    public Exception? CompletionFault => Volatile.Read(ref _completionFault);

    /// <summary>True when nobody has the turn, and nothing was published by the time at which nobody had.</summary>
    internal bool IsIdle => Holder == Nobody && !IsHeadPublished;

    private bool IsHeadPublished => SlotAt(Head, out var head).IsPublishedFor(head);

    // ORDERING: acquire, the pair of the write in Advance: a slot behind the head was taken.
    private long Head => Volatile.Read(ref _head);

    // ORDERING: acquire, the pair of the exchange in TryClaim; a claim that lost against it reads again.
    private long Tail => Volatile.Read(ref _tail);

    // ORDERING: read behind the full fence of WakeUnlessHeld; the pair of the exchange in PassTurnOn. IsIdle is behind that of
    // whoever stops; to TryAdoptSoon a hint.
    private int Holder => Volatile.Read(ref _holder);

    /// <summary>Puts a request at the end of the order.</summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="work">Executed with the turn; posts to this ring if it likes, but never runs something in it.</param>
    /// <param name="completed">
    /// Hears the result, on the thread that has the turn, before the next request begins; on the caller's where the
    /// container is closed. Does little and does not throw.
    /// </param>
    /// <returns>False when the ring is full: nothing was accepted and <paramref name="completed"/> hears nothing.</returns>
    public bool Post<T>(Func<ContainerTurn, T> work, Action<RingResult<T>> completed)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(completed);
        return Enqueue(new PostedRequest<T>(work, completed), Capacity);
    }

    /// <summary>
    /// Puts the close at the end of the order; a full ring does not keep it out. When it has closed the container, requests
    /// behind it are answered as closed; when something holds the container open (see the outcome) the ring goes on, maps are
    /// refused, and the close may be posted again.
    /// </summary>
    /// <param name="completed">Hears the outcome, like any completion.</param>
    /// <returns>False when a close is waiting already and the ring is full.</returns>
    public bool PostClose(Action<RingResult<CloseOutcome>> completed)
    {
        ArgumentNullException.ThrowIfNull(completed);
        return Enqueue(new PostedRequest<CloseOutcome>(turn => turn.Close(), completed), Capacity + 1);
    }

    /// <summary>
    /// Executes work at its place in the order and returns its result: at once where nobody has the turn and nothing waits. Blocks
    /// while another thread has the turn and while the ring is full.
    /// </summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="work">Executed with the turn.</param>
    /// <exception cref="InvalidOperationException">The caller has the turn: it would wait for itself.</exception>
    public RingResult<T> Run<T>(Func<ContainerTurn, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (TryAdopt())
        {
            var result = RingResults.Of(work, _turn);
            GiveTurnBack(1);
            return result;
        }

        if (IsClosed)
        {
            return RingResults.Closed<T>();
        }

        var request = new AnsweredRequest<T>(work);
        var slot = Claim(out var position);
        Publish(request, slot, position);
        WaitFor(slot, position);
        var answer = request.Result;
        Leave(slot, position);
        return answer;
    }

    /// <summary>Executes the request at the head of the order, and unmaps behind it that go with it.</summary>
    /// <returns>False when none waits, or another thread has the turn and will look again when it gives it back.</returns>
    public bool ExecuteNext()
    {
        if (!IsHeadPublished || !TryTakeTurn())
        {
            return false;
        }

        var isExecuted = TryExecuteHead(out var executed);
        GiveTurnBack(executed);
        return isExecuted;
    }

    /// <summary>Stops the worker, which executes first what waits. The container is not closed by this.</summary>
    public ValueTask DisposeAsync()
    {
        _meter?.Leave();
        return _worker.DisposeAsync();
    }

    private RingSlot SlotAt(long position, out long same) => _slots[(same = position) & (_slots.Length - 1)];

    /// <summary>Takes the turn where nobody has it and nothing waits.</summary>
    private bool TryAdopt()
    {
        if (!TryTakeTurn())
        {
            return false;
        }

        if (!_turn.IsClosed && !HasWork)
        {
            return true;
        }

        // Whoever has claimed a place is in front.
        GiveTurnBack(HelpWithTurn(LongestTurnOfCaller));
        return false;
    }

    private bool TryTakeTurn()
    {
        var me = Environment.CurrentManagedThreadId;

        // ORDERING: a full fence, the pair of the one in PassTurnOn.
        var holder = Interlocked.CompareExchange(ref _holder, me, Nobody);
        return holder == Nobody || (holder == me && ThrowHeld());
    }

    [DoesNotReturn]
    private bool ThrowHeld() =>
        throw new InvalidOperationException($"A request of ring {Name} runs another one in it: it would wait for itself. Post it.");

    private bool Enqueue(RingRequest request, int capacity)
    {
        if (IsClosed)
        {
            request.RefuseClosed();
            return true;
        }

        if (!TryClaim(capacity, out var slot, out var position))
        {
            return false;
        }

        Publish(request, slot, position);
        return true;
    }

    private void Publish(RingRequest request, RingSlot slot, long position)
    {
        // ORDERING: a full fence: counted before the worker may look and sleep; the pair of the read in DoesAnybodyRely, by which who
        // publishes in front of it afterwards, or gives the turn back, wakes the worker again.
        Interlocked.Increment(ref _leftToWorker);
        slot.Publish(request, position);
        WakeUnlessHeld();
    }

    /// <summary>After the publication of what a caller may have to leave to the worker.</summary>
    private void WakeUnlessHeld()
    {
        // ORDERING: published first, then looked whether somebody has the turn; the pair of PassTurnOn, where the turn is given back
        // first and then looked whether something is published. Without a full fence on both sides both could look too early.
        Interlocked.MemoryBarrier();
        if (Holder == Nobody && LeavesTurnToCaller())
        {
            PassTurnOn();
        }
    }

    /// <summary>Claims the place at the tail; false when as many wait as may.</summary>
    private bool TryClaim(int capacity, out RingSlot slot, out long position)
    {
        while (true)
        {
            slot = SlotAt(Tail, out position);
            if (position - Head < capacity && slot.IsFreeFor(position))
            {
                // ORDERING: of several that saw the place free one has it; the pair of the read in Tail.
                if (Interlocked.CompareExchange(ref _tail, position + 1, position) == position)
                {
                    return true;
                }
            }
            else if (Tail == position)
            {
                return false;
            }
        }
    }

    /// <summary>With the turn. Whoever has claimed the head and not published it yet looks for itself when it has.</summary>
    private bool TryExecuteHead(out int executed)
    {
        executed = 0;
        var slot = SlotAt(_head, out var position);
        if (!slot.IsPublishedFor(position))
        {
            return false;
        }

        executed = slot.Request is { } request ? ExecuteRequest(request, slot, position) : ExecuteHot(slot, position);
        return true;
    }

    private int ExecuteRequest(RingRequest request, RingSlot slot, long position)
    {
        if (!request.IsAwaited)
        {
            slot.Free(position, _slots.Length);
        }

        Advance(position + 1);

        // ORDERING: a wake for one that is executed does no harm; the pair of the read in DoesAnybodyRely.
        Interlocked.Decrement(ref _leftToWorker);
        SayThatThereIsRoom();
        try
        {
            if (_turn.IsClosed)
            {
                request.RefuseClosed();
            }
            else
            {
                request.Execute(_turn);
            }
        }
        catch (Exception fault)
        {
            Note(fault);
        }

        if (request.IsAwaited)
        {
            slot.Done(position);
        }

        return 1;
    }

    // ORDERING: the pair of the read in CompletionFault; the first one stays.
    private void Note(Exception fault) => Interlocked.CompareExchange(ref _completionFault, fault, null);

    // ORDERING: release, the pair of the read in Head.
    private void Advance(long head) => Volatile.Write(ref _head, head);

    private void SayThatThereIsRoom()
    {
        // ORDERING: room first, then looked whether somebody waits for it; the pair of WaitForRoom.
        Interlocked.MemoryBarrier();

        // ORDERING: behind the fence; the pair of the increment in WaitForRoom.
        if (Volatile.Read(ref _waitingForRoom) != 0)
        {
            lock (_room)
            {
                Monitor.PulseAll(_room);
            }
        }
    }
}
