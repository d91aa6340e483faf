namespace Vmm.Iommu.HotPath;

/// <summary>A place in a ring. Its sequence says for which position it is free, or which one is published in it.</summary>
internal sealed class RingSlot(long position)
{
    private long _sequence = position;
    private RingRequest? _request;

    // ORDERING: acquire, the pair of Take: what the request before left here is gone.
    public bool IsFreeFor(long position) => Volatile.Read(ref _sequence) == position;

    // ORDERING: acquire, the pair of Publish: the request is whole.
    public bool IsPublishedFor(long position) => Volatile.Read(ref _sequence) == position + 1;

    /// <summary>By the one thread that has claimed the position.</summary>
    public void Publish(RingRequest request, long position)
    {
        _request = request;

        // ORDERING: release, the pair of IsPublishedFor.
        Volatile.Write(ref _sequence, position + 1);
    }

    /// <summary>By the holder of the turn: the request, and the slot is free for the next round.</summary>
    public RingRequest Take(long position, int slots)
    {
        var request = _request!;
        _request = null;

        // ORDERING: release, the pair of IsFreeFor.
        Volatile.Write(ref _sequence, position + slots);
        return request;
    }
}
