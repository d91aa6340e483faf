using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.HotPath;

/// <content>Maps that were refused, of which nobody made sure that they had no effect.</content>
public sealed partial class ContainerTurn
{
    private readonly List<(IovaRange Range, RamLease Lease)> _doubted = [];

    /// <summary>
    /// Unmaps the range of every refused map that is still in doubt, one by one; no call where there is none. A failure taints the
    /// container, and the lease lasts on.
    /// </summary>
    public void UnmapDoubted()
    {
        foreach (var (range, _) in _doubted.ToList())
        {
            Unmap(range);
        }
    }

    /// <summary>One lease is enough for a range, however often its map is tried.</summary>
    private void Doubt(IovaRange range, RamLease lease)
    {
        if (_doubted.Contains((range, lease)))
        {
            lease.End();
        }
        else
        {
            _doubted.Add((range, lease));
        }
    }

    /// <summary>Bytes that an unmap of a range may find in the kernel though the table has nothing there.</summary>
    private UInt128 DoubtedWithin(IovaRange range)
    {
        var bytes = UInt128.Zero;
        foreach (var (doubted, _) in _doubted)
        {
            bytes += range.Contains(doubted) ? doubted.Length : 0;
        }

        return bytes;
    }

    private void EndDoubts(IovaRange range)
    {
        for (var at = _doubted.Count - 1; at >= 0; at--)
        {
            if (range.Contains(_doubted[at].Range))
            {
                _doubted[at].Lease.End();
                _doubted.RemoveAt(at);
            }
        }
    }
}
