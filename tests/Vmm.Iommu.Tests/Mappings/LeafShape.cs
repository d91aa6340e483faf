using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Tests.Mappings;

/// <summary>What holds of the leaves of a map after every operation.</summary>
internal static class LeafShape
{
    private const int Thin = IovaRangeMap<int>.LeafCapacity * 3 / 8;

    /// <summary>
    /// The index names each leaf's first entry, ascending; none is overfull, or empty beside another; no two thin ones are
    /// neighbours; and together they hold what the map counts.
    /// </summary>
    public static bool IsSound<T>(IovaRangeMap<T> map)
    {
        var (total, before) = (0, (Count: Thin, First: (ulong?)null));
        foreach (var (count, first, indexed) in map.Shape())
        {
            var isPlaced = count > 0 && first == indexed && (before.First is null || before.First < first);
            if (count > IovaRangeMap<T>.LeafCapacity || (!isPlaced && map.LeafCount > 1) || (count > 0 && first != indexed) || (before.Count < Thin && count < Thin))
            {
                return false;
            }

            (total, before) = (total + count, (count, first));
        }

        return total == map.Count;
    }
}
