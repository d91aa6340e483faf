namespace Vmm.Iommu.HotPath;

/// <summary>A dedicated OS thread that executes one ring's requests: ioctls may block for long, and no pool thread is given to them.</summary>
public sealed class IoctlWorker : IRingWorker
{
    private readonly ContainerRing _ring;
    private readonly AutoResetEvent _woken = new(initialState: false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // ORDERING: written by DisposeAsync before it sets the event, read by the thread after the event woke it; a read kept in a
    // register would never see the stop.
    private volatile bool _isStopping;

    private int _isParked;

    private IoctlWorker(ContainerRing ring) => _ring = ring;

    /// <summary>Ends when the thread has ended; faulted with what ended it, if that was not <see cref="DisposeAsync"/>.</summary>
    public Task Ended => _ended.Task;

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
        // ORDERING: a full fence behind what the caller published; the pair of the one in ExecuteUntilStopped. A thread that is
        // awake is not woken: that costs more than most ioctls.
        if (Interlocked.Exchange(ref _isParked, 0) != 0)
        {
            _woken.Set();
        }
    }

    /// <summary>Has the thread execute what waits and end. Joins without blocking; may be called again.</summary>
    public ValueTask DisposeAsync()
    {
        // ORDERING: the flag is written before the event is set; the thread reads it after the event woke it.
        _isStopping = true;
        _woken.Set();
        return new ValueTask(_ended.Task);
    }

    private void ExecuteUntilStopped()
    {
        try
        {
            while (true)
            {
                while (_ring.ExecuteNext())
                {
                }

                // ORDERING: pairs with the write in DisposeAsync.
                if (_isStopping)
                {
                    break;
                }

                Park();
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
        if (_isStopping || _ring.ExecuteNext())
        {
            Interlocked.Exchange(ref _isParked, 0);
            return;
        }

        _woken.WaitOne();
    }
}
