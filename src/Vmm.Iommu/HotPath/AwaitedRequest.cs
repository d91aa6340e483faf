namespace Vmm.Iommu.HotPath;

/// <summary>Work whose caller waits for the answer, and executes what is in front of it while nobody else does.</summary>
internal sealed class AwaitedRequest<T>(Func<ContainerTurn, T> work) : RingRequest
{
    private const int Waiting = 0;
    private const int Parked = 1;
    private const int Done = 2;

    private readonly object _parking = new();
    private RingResult<T> _result;
    private int _state = Waiting;

    // ORDERING: acquire, the pair of the exchange in Complete: who sees it done sees the result.
    private bool IsDone => Volatile.Read(ref _state) == Done;

    public override void Execute(ContainerTurn turn) => Complete(RingResults.Of(work, turn));

    public override void RefuseClosed() => Complete(RingResults.Closed<T>());

    /// <summary>The result. While another thread has the turn the caller looks for a moment and then sleeps.</summary>
    public RingResult<T> WaitFor(ContainerRing ring)
    {
        for (var spin = default(SpinWait); !IsDone;)
        {
            if (ring.ExecuteNext())
            {
                continue;
            }

            if (spin.NextSpinWillYield)
            {
                Park();
            }
            else
            {
                spin.SpinOnce();
            }
        }

        return _result;
    }

    /// <summary>Whoever gives the turn back behind this look finds the request published and wakes the worker: nobody sleeps for ever.</summary>
    private void Park()
    {
        // ORDERING: a full fence: parked is said before it is looked at; the pair of the exchange in Complete.
        if (Interlocked.CompareExchange(ref _state, Parked, Waiting) == Done)
        {
            return;
        }

        lock (_parking)
        {
            while (!IsDone)
            {
                Monitor.Wait(_parking);
            }
        }
    }

    private void Complete(RingResult<T> result)
    {
        _result = result;

        // ORDERING: a full fence: the result is there before it is said so, and who is parked is seen.
        if (Interlocked.Exchange(ref _state, Done) == Parked)
        {
            lock (_parking)
            {
                Monitor.PulseAll(_parking);
            }
        }
    }
}
