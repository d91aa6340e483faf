namespace Vmm.Litmus.Running;

/// <summary>Where threads meet between rounds. They spin: a thread that is woken comes too late for a race.</summary>
internal sealed class Meeting(int threads, Action between)
{
    private int _arrived;
    private int _times;

    /// <summary>Returns when all are there, and the last to come has done what is done between rounds.</summary>
    public void Come()
    {
        var times = System.Threading.Volatile.Read(ref _times);
        if (System.Threading.Interlocked.Increment(ref _arrived) == threads)
        {
            _arrived = 0;
            between();
            System.Threading.Volatile.Write(ref _times, times + 1);
            return;
        }

        for (var spins = 1; System.Threading.Volatile.Read(ref _times) == times; spins++)
        {
            if (spins % 64 == 0)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }
}
