using System.Diagnostics;

namespace Vmm.Benchmarks.Soaking;

/// <summary>Where the threads of a soak are held between two steps, so that nothing changes while everything is compared.</summary>
/// <param name="threads">How many pass it.</param>
internal sealed class SoakGate(int threads)
{
    private readonly object _parking = new();
    private volatile bool _isHeld;
    private volatile bool _isOver;
    private int _parked;
    private int _left;

    /// <summary>By each thread before a step; returns when it may go on.</summary>
    /// <returns>False when it is over.</returns>
    public bool Pass()
    {
        if (!_isHeld && !_isOver)
        {
            return true;
        }

        lock (_parking)
        {
            _parked++;
            Monitor.PulseAll(_parking);
            while (_isHeld && !_isOver)
            {
                Monitor.Wait(_parking);
            }

            _parked -= _isOver ? 0 : 1;
            return !_isOver;
        }
    }

    /// <summary>By a thread that comes no more.</summary>
    public void Leave()
    {
        lock (_parking)
        {
            _left++;
            Monitor.PulseAll(_parking);
        }
    }

    /// <summary>Until some time has passed, or all threads have left.</summary>
    public void Wait(TimeSpan time)
    {
        var waited = Stopwatch.StartNew();
        lock (_parking)
        {
            for (var left = time; left > TimeSpan.Zero && _left < threads; left = time - waited.Elapsed)
            {
                Monitor.Wait(_parking, left);
            }
        }
    }

    /// <summary>Holds all threads.</summary>
    /// <param name="patience">How long a step may take.</param>
    /// <returns>False when one of them does not come; the others stay held.</returns>
    public bool TryHold(TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        lock (_parking)
        {
            _isHeld = true;
            while (_parked + _left < threads)
            {
                var left = patience - waited.Elapsed;
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_parking, left);
            }

            return true;
        }
    }

    /// <summary>Lets them go on.</summary>
    public void Release()
    {
        lock (_parking)
        {
            _isHeld = false;
            Monitor.PulseAll(_parking);
        }
    }

    /// <summary>Lets them end.</summary>
    public void End()
    {
        lock (_parking)
        {
            _isOver = true;
            Monitor.PulseAll(_parking);
        }
    }
}
