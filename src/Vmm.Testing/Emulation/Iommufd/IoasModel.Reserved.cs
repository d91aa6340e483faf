using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

internal sealed partial class IoasModel
{
    // Each owner, a device or a page table, has its own entries: what two reserve alike survives the first one's leave.
    private readonly List<(IovaRange Range, object Owner)> _reserved = [];
    private List<IovaRange> _allowed = [];

    /// <summary>What IOVA_RANGES shows: everything that is not reserved. Mappings and the allowed list do not matter.</summary>
    public IReadOnlyList<IovaRange> Windows =>
        [.. Holes(_reserved.Select(entry => entry.Range).Order(), IovaRange.All)];

    /// <summary>ALLOW_IOVAS: replaces the list, or leaves it where one of the ranges meets a reserved one.</summary>
    /// <param name="ranges">Ranges that do not overlap, in any order.</param>
    public Errno Allow(IEnumerable<IovaRange> ranges)
    {
        var sorted = ranges.Order().ToList();
        if (sorted.Exists(IsReserved))
        {
            return Errno.EADDRINUSE;
        }

        _allowed = sorted;
        return Errno.None;
    }

    /// <summary>Reserves what a device brings, except what may be ignored; nothing when one region meets a mapping or the allowed list.</summary>
    public Errno Reserve(IEnumerable<ReservedRegion> regions, object owner)
    {
        foreach (var region in regions)
        {
            if (region.Kind == ReservedRegionKind.DirectRelaxable)
            {
                continue;
            }

            if (Reserve(region.Range, owner) is { IsNone: false } refused)
            {
                Unreserve(owner);
                return refused;
            }
        }

        return Errno.None;
    }

    /// <summary>Gives back what an owner reserved.</summary>
    public void Unreserve(object owner) => _reserved.RemoveAll(entry => ReferenceEquals(entry.Owner, owner));

    private Errno Reserve(IovaRange range, object owner)
    {
        if (_areas.Overlaps(range) || _allowed.Exists(allowed => allowed.Overlaps(range)))
        {
            return Errno.EADDRINUSE;
        }

        _reserved.Add((range, owner));
        return Errno.None;
    }

    private bool IsReserved(IovaRange range) => _reserved.Exists(entry => entry.Range.Overlaps(range));
}
