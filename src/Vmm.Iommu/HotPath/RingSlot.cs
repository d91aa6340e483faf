using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// A place in a ring: an object of its own, larger than a cache line, so that producers of neighbouring places share little. Its
/// sequence says for which position it is free (the position), published (one more), or done and waiting for its caller (two more).
/// </summary>
internal sealed class RingSlot(long position)
{
    private readonly object _parking = new();
    private long _sequence = position;
    private int _isParked;
    private RingRequest? _request;
    private HotRequest _hot;
    private MapResult _result;

    /// <summary>What is published here; null where it is <see cref="Hot"/>. Of use to the holder of the turn, and a hint to anybody else.</summary>
    public RingRequest? Request => _request;

    /// <summary>The hot request that is published here.</summary>
    public ref readonly HotRequest Hot => ref _hot;

    /// <summary>The answer of a hot request that is done.</summary>
    public MapResult Result => _result;

    // ORDERING: acquire, the pair of Free: what the request before left here is gone.
    public bool IsFreeFor(long position) => Volatile.Read(ref _sequence) == position;

    // ORDERING: acquire, the pair of Publish: the request is whole.
    public bool IsPublishedFor(long position) => Volatile.Read(ref _sequence) == position + 1;

    // ORDERING: acquire, the pair of Done: the answer is there.
    public bool IsDoneFor(long position) => Volatile.Read(ref _sequence) == position + 2;

    /// <summary>By the one thread that has claimed the position.</summary>
    public void Publish(RingRequest request, long position)
    {
        _request = request;

        // ORDERING: release, the pair of IsPublishedFor.
        Volatile.Write(ref _sequence, position + 1);
    }

    /// <summary>By the one thread that has claimed the position.</summary>
    public void Publish(in HotRequest request, long position)
    {
        _hot = request;

        // ORDERING: release, the pair of IsPublishedFor.
        Volatile.Write(ref _sequence, position + 1);
    }

    /// <summary>By the last who needs what is here: the slot is free for the next round.</summary>
    public void Free(long position, int slots)
    {
        _request = null;
        _hot = default;
        _isParked = 0;

        // ORDERING: release, the pair of IsFreeFor.
        Volatile.Write(ref _sequence, position + slots);
    }

    /// <summary>By the holder of the turn: the caller may take its answer. From here on the slot is the caller's.</summary>
    public void Done(long position, MapResult result = default)
    {
        _result = result;

        // ORDERING: a full fence: the answer is there before it is said so, and only then is it looked who sleeps; the pair of Park.
        Interlocked.Exchange(ref _sequence, position + 2);

        // ORDERING: behind the fence; the pair of the exchange in Park.
        if (Volatile.Read(ref _isParked) != 0)
        {
            lock (_parking)
            {
                Monitor.PulseAll(_parking);
            }
        }
    }

    /// <summary>By the caller: sleeps until the request is done.</summary>
    public void Park(long position)
    {
        // ORDERING: a full fence: says that it sleeps, then looks; the pair of Done.
        Interlocked.Exchange(ref _isParked, 1);
        lock (_parking)
        {
            while (!IsDoneFor(position))
            {
                Monitor.Wait(_parking);
            }
        }
    }
}
