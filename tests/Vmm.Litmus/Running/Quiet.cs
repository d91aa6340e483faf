namespace Vmm.Litmus.Running;

/// <summary>
/// A time without collections, so that an address stays one: for twins, which hold stores back by address. Begun again between
/// rounds, when nothing is held.
/// </summary>
internal sealed class Quiet
{
    private const long Room = 200L << 20;
    private const long UsedUp = 120L << 20;

    private long _begun;
    private int _collections;

    /// <summary>Begins, or begins again where little room is left.</summary>
    /// <exception cref="InconclusiveException">The runtime collected in between, or gives no such time.</exception>
    public void Renew()
    {
        if (_begun != 0)
        {
            if (GC.CollectionCount(0) != _collections)
            {
                throw new InconclusiveException("a collection came while stores were held back by address");
            }

            if (GC.GetTotalAllocatedBytes() - _begun < UsedUp)
            {
                return;
            }

            GC.EndNoGCRegion();
        }

        if (!GC.TryStartNoGCRegion(Room))
        {
            throw new InconclusiveException("the runtime gives no time without collections");
        }

        (_begun, _collections) = (GC.GetTotalAllocatedBytes(), GC.CollectionCount(0));
    }
}
