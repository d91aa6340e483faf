using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// Where every container of an address space can map, as of one generation: what a vIOMMU offers its guest. Immutable. A map that
/// names it is answered <see cref="Results.MapStatus.Stale"/> once any container has other windows, or a container came or went.
/// </summary>
public sealed class DmaWindows
{
    private readonly long[] _generations;

    internal DmaWindows(long generation, DmaLane[] lanes)
    {
        Generation = generation;
        Lanes = lanes;
        var snapshots = Array.ConvertAll(lanes, lane => lane.Ring.Snapshot);
        _generations = Array.ConvertAll(snapshots, snapshot => snapshot.Generation);
        Windows = snapshots.Aggregate(ValidIovaRanges.All, (windows, snapshot) => windows.Intersect(snapshot.Windows));
        PageSizes = new PageSizes(snapshots.Aggregate(ulong.MaxValue, (sizes, snapshot) => sizes & snapshot.PageSizes.Bitmap));
    }

    /// <summary>Counts what a mapper has offered, from 1; never repeats.</summary>
    public long Generation { get; }

    /// <summary>What every container can map. Everything where there is none.</summary>
    public ValidIovaRanges Windows { get; }

    /// <summary>Page sizes that every container has. All where there is none.</summary>
    public PageSizes PageSizes { get; }

    internal DmaLane[] Lanes { get; }

    /// <summary>The generation that this shows of one lane.</summary>
    internal long this[int lane] => _generations[lane];

    /// <summary>True while it says what holds.</summary>
    internal bool IsCurrent(DmaLane[] lanes)
    {
        if (lanes != Lanes)
        {
            return false;
        }

        for (var lane = 0; lane < lanes.Length; lane++)
        {
            if (lanes[lane].Ring.Snapshot.Generation != _generations[lane])
            {
                return false;
            }
        }

        return true;
    }
}
