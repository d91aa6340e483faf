using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>The answers of one container to what a batch has posted into its ring.</summary>
/// <param name="ring">The ring.</param>
/// <param name="capacity">Answers at most.</param>
internal sealed class BatchAnswers(ContainerRing ring, int capacity)
{
    private readonly object _parking = new();
    private readonly MapResult[] _results = new MapResult[capacity];
    private int _outstanding;
    private int _isParked;

    /// <summary>The ring.</summary>
    public ContainerRing Ring { get; } = ring;

    // ORDERING: acquire, the pair of the decrement in Hear: who sees none outstanding sees every answer.
    public bool AreAllHeard => Volatile.Read(ref _outstanding) == 0;

    public MapResult this[int ticket] => _results[ticket];

    /// <summary>By the poster: one more answer is to come.</summary>
    public void Expect()
    {
        // ORDERING: counted before it is posted; the pair of the decrement in Hear.
        Interlocked.Increment(ref _outstanding);
    }

    /// <summary>By the holder of the turn.</summary>
    public void Hear(int ticket, MapResult result)
    {
        _results[ticket] = result;

        // ORDERING: a full fence: the answer is there before it is counted, and only then is it looked who sleeps; the pair of Park.
        if (Interlocked.Decrement(ref _outstanding) != 0)
        {
            return;
        }

        // ORDERING: behind the fence; the pair of the exchange in Park.
        if (Volatile.Read(ref _isParked) != 0)
        {
            lock (_parking)
            {
                Monitor.PulseAll(_parking);
            }
        }
    }

    /// <summary>By the poster: sleeps until all is heard.</summary>
    public void Park()
    {
        // ORDERING: a full fence: says that it sleeps, then looks; the pair of Hear.
        Interlocked.Exchange(ref _isParked, 1);
        lock (_parking)
        {
            while (!AreAllHeard)
            {
                Monitor.Wait(_parking);
            }
        }

        // ORDERING: a pulse for one who is awake does no harm; the pair of the read in Hear.
        Volatile.Write(ref _isParked, 0);
    }
}
