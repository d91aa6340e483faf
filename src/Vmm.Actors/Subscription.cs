namespace Vmm.Actors;

/// <summary>One listener's credit: events go out while it has some, and are counted as lost after that.</summary>
/// <param name="credit">Events it may have unseen; at least 1.</param>
/// <param name="seen">Number of the event before its first.</param>
internal sealed class Subscription(int credit, long seen)
{
    private readonly Queue<long> _unseen = new();
    private long _seen = seen;

    /// <summary>Events that were not kept for it.</summary>
    public long Lost { get; private set; }

    /// <summary>True when an event may be sent, which it then counts as unseen; false when it is lost.</summary>
    public bool TrySend(long sequence)
    {
        if (Lost > 0 || _unseen.Count >= credit)
        {
            Lost++;
            return false;
        }

        _unseen.Enqueue(sequence);
        return true;
    }

    /// <summary>Forgets what is on the way, which may never be acknowledged; gives how many events were lost.</summary>
    public long Renew()
    {
        var lost = Lost;
        Lost = 0;
        _unseen.Clear();
        return lost;
    }

    /// <summary>The listener has dealt with events up to a number; gives how many were lost meanwhile, and forgets them.</summary>
    public long Acknowledge(long sequence)
    {
        _seen = Math.Max(_seen, sequence);
        while (_unseen.TryPeek(out var oldest) && oldest <= _seen)
        {
            _unseen.Dequeue();
        }

        if (_unseen.Count > 0)
        {
            return 0;
        }

        var lost = Lost;
        Lost = 0;
        return lost;
    }
}
