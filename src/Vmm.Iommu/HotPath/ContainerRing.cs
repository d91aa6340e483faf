namespace Vmm.Iommu.HotPath;

/// <summary>
/// The one order of everything that changes a container: maps, slices of views, admissions, evictions, questions, the close.
/// Requests are executed in the order in which they were accepted, each to its end before the next begins, by one thread at a
/// time: whoever has the turn. That order is what serialises mapping changes against group attach. Bounded: a full ring is
/// back-pressure, never a drop. Any thread may call it.
/// </summary>
public sealed class ContainerRing : IAsyncDisposable
{
    private const int Nobody = 0;

    // A monitor and not a Lock: callers wait on it for room and for the turn. Never held while a request or a completion runs.
    private readonly object _gate = new();
    private readonly Queue<RingRequest> _requests;
    private readonly ContainerTurn _turn;
    private readonly IRingWorker _worker;
    private int _holder = Nobody;
    private int _waiting;
    private bool _isClosed;
    private long _executed;
    private Exception? _completionFault;

    /// <summary>A ring over a container that nobody else changes.</summary>
    /// <param name="turn">The container's state; the ring's alone from now on.</param>
    /// <param name="workers">Who executes what no caller executes itself.</param>
    /// <param name="name">What people see: <c>container-1</c>.</param>
    /// <param name="capacity">Requests that may wait; the close has a place of its own beside them.</param>
    public ContainerRing(ContainerTurn turn, IRingWorkers workers, string name, int capacity = 1024)
    {
        ArgumentNullException.ThrowIfNull(turn);
        ArgumentNullException.ThrowIfNull(workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _turn = turn;
        _requests = new Queue<RingRequest>(capacity + 1);
        Name = name;
        Capacity = capacity;
        _worker = workers.Start(this, name);
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
            lock (_gate)
            {
                return _requests.Count;
            }
        }
    }

    /// <summary>True while a request waits.</summary>
    public bool HasWork => Count > 0;

    /// <summary>True once the container is closed: every request from then on is answered so.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Requests executed so far.</summary>
    public long Executed
    {
        get
        {
            lock (_gate)
            {
                return _executed;
            }
        }
    }

    /// <summary>The first exception that a completion threw, or null. A completion may not throw; the ring goes on, and health shows this.</summary>
    public Exception? CompletionFault
    {
        get
        {
            lock (_gate)
            {
                return _completionFault;
            }
        }
    }

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
        return Enqueue(new RingRequest<T>(work, completed), Capacity);
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
        return Enqueue(new RingRequest<CloseOutcome>(turn => turn.Close(), completed), Capacity + 1);
    }

    /// <summary>
    /// Executes work at its place in the order and returns its result: at once where nobody has the turn, after executing
    /// what waits in front of it. Blocks while another thread has the turn and while the ring is full.
    /// </summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="work">Executed with the turn.</param>
    /// <exception cref="InvalidOperationException">The caller has the turn: it would wait for itself.</exception>
    public RingResult<T> Run<T>(Func<ContainerTurn, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TryAdopt() ? RunAdopted(work) : RunQueued(work);
    }

    /// <summary>Executes the request at the head of the order.</summary>
    /// <returns>False when none waits, or another thread has the turn and will look again when it gives it back.</returns>
    public bool ExecuteNext()
    {
        RingRequest request;
        lock (_gate)
        {
            if (_holder != Nobody || !_requests.TryDequeue(out var next))
            {
                return false;
            }

            _holder = Environment.CurrentManagedThreadId;
            request = next;
            WakeWaiting();
        }

        ExecuteWithTurn(request);
        GiveTurnBack();
        return true;
    }

    /// <summary>Stops the worker, which executes first what waits. The container is not closed by this.</summary>
    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    /// <summary>Takes the turn where nobody has it and nothing waits.</summary>
    private bool TryAdopt()
    {
        lock (_gate)
        {
            if (_holder == Environment.CurrentManagedThreadId)
            {
                throw new InvalidOperationException($"A request of ring {Name} runs another one in it: it would wait for itself. Post it.");
            }

            if (_isClosed || _holder != Nobody || _requests.Count != 0)
            {
                return false;
            }

            _holder = Environment.CurrentManagedThreadId;
            return true;
        }
    }

    private RingResult<T> RunAdopted<T>(Func<ContainerTurn, T> work)
    {
        var result = RingResults.Of(work, _turn);
        GiveTurnBack();
        return result;
    }

    private RingResult<T> RunQueued<T>(Func<ContainerTurn, T> work)
    {
        RingResult<T>? result = null;
        var request = new RingRequest<T>(work, value =>
        {
            lock (_gate)
            {
                result = value;
                WakeWaiting();
            }
        });
        EnqueueWhenRoom(request);
        while (true)
        {
            lock (_gate)
            {
                if (result is { } done)
                {
                    return done;
                }
            }

            if (!ExecuteNext())
            {
                WaitForTurnOr(() => result is not null);
            }
        }
    }

    private void EnqueueWhenRoom(RingRequest request)
    {
        while (!Enqueue(request, Capacity))
        {
            if (!ExecuteNext())
            {
                WaitForTurnOr(() => _requests.Count < Capacity);
            }
        }
    }

    /// <summary>Waits until a condition holds or the turn is free. The condition is looked at under the gate.</summary>
    private void WaitForTurnOr(Func<bool> condition)
    {
        lock (_gate)
        {
            while (_holder != Nobody && !condition())
            {
                _waiting++;
                Monitor.Wait(_gate);
                _waiting--;
            }
        }
    }

    /// <summary>Called with the gate held. A pulse for nobody costs as much as an uncontended request.</summary>
    private void WakeWaiting()
    {
        if (_waiting != 0)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private bool Enqueue(RingRequest request, int capacity)
    {
        bool isFree;
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isClosed;
            if (!isClosed && _requests.Count >= capacity)
            {
                return false;
            }

            if (!isClosed)
            {
                _requests.Enqueue(request);
            }

            isFree = _holder == Nobody;
        }

        if (isClosed)
        {
            request.RefuseClosed();
        }
        else if (isFree)
        {
            _worker.Wake();
        }

        return true;
    }

    private void ExecuteWithTurn(RingRequest request)
    {
        try
        {
            if (IsClosed)
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
            lock (_gate)
            {
                _completionFault ??= fault;
            }
        }
    }

    /// <summary>Gives the turn back, then looks whether somebody has to be woken for what came meanwhile.</summary>
    private void GiveTurnBack()
    {
        bool hasMore;
        lock (_gate)
        {
            _executed++;
            _isClosed |= _turn.IsClosed;
            _holder = Nobody;
            hasMore = _requests.Count > 0;
            WakeWaiting();
        }

        if (hasMore)
        {
            _worker.Wake();
        }
    }
}
