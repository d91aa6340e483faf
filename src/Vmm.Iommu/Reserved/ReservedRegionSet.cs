using System.Collections;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Reserved;

/// <summary>
/// The reserved regions of a group, a container or a space, ascending. This is the one place where a range is tested
/// against them: only holes (<c>msi</c>, <c>reserved</c>, the user's) conflict; <c>direct-relaxable</c> never does; a
/// <c>direct</c> region rules out its whole group, see <see cref="Forbidding"/>. Immutable.
/// </summary>
public sealed class ReservedRegionSet : IReadOnlyList<ReservedRegion>, IEquatable<ReservedRegionSet>
{
    /// <summary>No regions: known to be none, which is not the same as unknown.</summary>
    public static readonly ReservedRegionSet Empty = new([]);

    private readonly ReservedRegion[] _regions;
    private readonly ReservedRegion[] _holes;
    private readonly ulong[] _reach;

    /// <summary>A set of regions in any order; they may overlap, since they have different owners.</summary>
    public ReservedRegionSet(IEnumerable<ReservedRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        _regions = [.. regions.OrderBy(region => region.Range).ThenBy(region => region.Kind).ThenBy(region => region.Owner, StringComparer.Ordinal)];
        _holes = [.. _regions.Where(region => region.IsHole)];

        // The highest byte that this hole or one before it reaches: it only rises, so that a search can halve it.
        _reach = new ulong[_holes.Length];
        var reach = 0UL;
        for (var i = 0; i < _holes.Length; i++)
        {
            _reach[i] = reach = Math.Max(reach, _holes[i].Range.Last.Value);
        }
    }

    /// <summary>Regions of every kind.</summary>
    public int Count => _regions.Length;

    /// <summary>The ranges in which nothing may be mapped, ascending; they may overlap.</summary>
    public IEnumerable<IovaRange> Holes => _holes.Select(hole => hole.Range);

    /// <summary>The regions because of which the group cannot be assigned at all.</summary>
    public IEnumerable<ReservedRegion> Forbidding => _regions.Where(region => region.ForbidsAssignment);

    /// <summary>The region at <paramref name="index"/>, ascending.</summary>
    public ReservedRegion this[int index] => _regions[index];

    /// <summary>The lowest hole that shares a byte with <paramref name="range"/>; null when none does.</summary>
    public ReservedRegion? FirstConflict(IovaRange range)
    {
        for (var i = FirstThatReaches(range.Start.Value); i < _holes.Length && _holes[i].Range.Start <= range.Last; i++)
        {
            if (_holes[i].Range.Overlaps(range))
            {
                return _holes[i];
            }
        }

        return null;
    }

    /// <summary>Every hole that shares a byte with <paramref name="range"/>, ascending.</summary>
    public IEnumerable<ReservedRegion> Conflicts(IovaRange range)
    {
        for (var i = FirstThatReaches(range.Start.Value); i < _holes.Length && _holes[i].Range.Start <= range.Last; i++)
        {
            if (_holes[i].Range.Overlaps(range))
            {
                yield return _holes[i];
            }
        }
    }

    /// <summary>The regions of both.</summary>
    public ReservedRegionSet Union(ReservedRegionSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Count == 0 ? this : Count == 0 ? other : new(_regions.Concat(other._regions).Distinct());
    }

    /// <summary>What is left of <paramref name="windows"/> when every hole is cut out.</summary>
    public ValidIovaRanges CutFrom(ValidIovaRanges windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        return _holes.Aggregate(windows, (left, hole) => left.Without(hole.Range));
    }

    /// <inheritdoc/>
    public bool Equals(ReservedRegionSet? other) => other is not null && _regions.AsSpan().SequenceEqual(other._regions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReservedRegionSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _regions.Aggregate(Count, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<ReservedRegion> GetEnumerator() => _regions.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int FirstThatReaches(ulong address)
    {
        var (low, high) = (0, _reach.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _reach[middle] < address ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
