namespace Vmm.Iommu.HotPath;

/// <summary>A dedicated OS thread that executes one ring's requests: ioctls may block for long, and no pool thread is given to them.</summary>
public sealed class IoctlWorker : IRingWorker
{
    private readonly ContainerRing _ring;
    private readonly AutoResetEvent _woken = new(initialState: false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isStopping;
    private int _isOver;
    private int _isParked;

    private IoctlWorker(ContainerRing ring) => _ring = ring;

    /// <summary>Ends when the thread has ended; faulted with what ended it, if that was not <see cref="DisposeAsync"/>.</summary>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    // ORDERING: read behind the full fence of whoever published and now looks for itself; the pair of the exchange in ExecuteUntilStopped.
    public bool IsBesideCallers => Volatile.Read(ref _isOver) == 0;

    // ORDERING: the pair of the write in DisposeAsync, which is before the event that wakes the thread.
    private bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>Starts a thread for a ring.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="name">The thread's name.</param>
    public static IoctlWorker Start(ContainerRing ring, string name)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var worker = new IoctlWorker(ring);
        new Thread(worker.ExecuteUntilStopped) { IsBackground = true, Name = name }.Start();
        return worker;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        // ORDERING: a full fence behind what the caller published; the pair of the one in Park. A thread that is
        // awake is not woken: that costs more than most ioctls.
        if (Interlocked.Exchange(ref _isParked, 0) != 0)
        {
            _woken.Set();
        }
    }

    /// <summary>Has the thread execute what waits and end. Joins without blocking; may be called again.</summary>
    public ValueTask DisposeAsync()
    {
        // ORDERING: release, before the event is set; the pair of the read in IsStopping.
        Volatile.Write(ref _isStopping, 1);
        _woken.Set();
        return new ValueTask(_ended.Task);
    }

    private void ExecuteUntilStopped()
    {
        try
        {
            while (!IsStopping)
            {
                if (!_ring.ExecuteNext())
                {
                    Park();
                }
            }

            // ORDERING: a full fence: says that callers are alone from now on, then executes what was published before they could know;
            // the pair of the read in IsBesideCallers.
            Interlocked.Exchange(ref _isOver, 1);
            for (var spin = default(SpinWait); _ring.ExecuteNext() || !_ring.IsIdle;)
            {
                // A caller that has the turn now would wake this thread, which is no longer there, for what it leaves.
                spin.SpinOnce();
            }

            _ended.SetResult();
        }
        catch (Exception fault)
        {
            _ended.SetException(fault);
        }
    }

    /// <summary>Sleeps until it is woken; not at all where there is something to do. A wake between the look and the sleep is kept by the event.</summary>
    private void Park()
    {
        // ORDERING: says that it sleeps, then looks at the ring, with a full fence between; the pair of Wake. What another thread's
        // turn keeps it from executing now, that thread wakes it for.
        Interlocked.Exchange(ref _isParked, 1);
        if (IsStopping || _ring.ExecuteNext())
        {
            // ORDERING: as in Wake; a wake that came before leaves the event set, and costs one look.
            Interlocked.Exchange(ref _isParked, 0);
            return;
        }

        _woken.WaitOne();
    }
}
