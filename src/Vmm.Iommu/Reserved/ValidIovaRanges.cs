using System.Collections;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Reserved;

/// <summary>
/// The windows of a space in which IOVAs may be mapped: ascending, disjoint, never touching each other (neighbours are one
/// window). May be empty: then nothing may be mapped. Immutable; safe to read from any thread.
/// </summary>
public sealed class ValidIovaRanges : IReadOnlyList<IovaRange>, IEquatable<ValidIovaRanges>
{
    /// <summary>One window: every IOVA.</summary>
    public static readonly ValidIovaRanges All = new([IovaRange.All]);

    private readonly IovaRange[] _windows;

    /// <summary>Windows from ranges in any order; those that overlap or touch become one.</summary>
    /// <param name="windows">Both ends inclusive.</param>
    public ValidIovaRanges(IEnumerable<IovaRange> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        IovaRange[] ascending = [.. windows];
        if (!IsAscending(ascending))
        {
            Array.Sort(ascending);
        }

        var merged = 0;
        foreach (var window in ascending)
        {
            if (merged > 0 && ascending[merged - 1] is var last && (last.Overlaps(window) || last.IsFollowedBy(window)))
            {
                ascending[merged - 1] = new IovaRange(last.Start, last.Last > window.Last ? last.Last : window.Last);
            }
            else
            {
                ascending[merged++] = window;
            }
        }

        _windows = merged == ascending.Length ? ascending : ascending[..merged];
    }

    /// <summary>Windows that ascend and do not touch.</summary>
    private ValidIovaRanges(List<IovaRange> windows) => _windows = [.. windows];

    /// <summary>Number of windows.</summary>
    public int Count => _windows.Length;

    /// <summary>The window at <paramref name="index"/>, ascending.</summary>
    public IovaRange this[int index] => _windows[index];

    /// <summary>True when <paramref name="range"/> lies wholly inside one window. O(log n), allocates nothing.</summary>
    public bool Contains(IovaRange range)
    {
        var low = 0;
        var high = _windows.Length - 1;
        while (low <= high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            if (_windows[middle].Contains(range))
            {
                return true;
            }

            if (_windows[middle].Start <= range.Start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return false;
    }

    /// <summary>True when any of <paramref name="range"/> lies in a window.</summary>
    public bool Overlaps(IovaRange range) => Array.Exists(_windows, window => window.Overlaps(range));

    /// <summary>What lies in a window of both.</summary>
    public ValidIovaRanges Intersect(ValidIovaRanges other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var shared = new List<IovaRange>();
        for (int mine = 0, theirs = 0; mine < Count && theirs < other.Count;)
        {
            if (_windows[mine].TryIntersect(other._windows[theirs], out var both))
            {
                shared.Add(both);
            }

            if (_windows[mine].Last < other._windows[theirs].Last)
            {
                mine++;
            }
            else
            {
                theirs++;
            }
        }

        return new ValidIovaRanges(shared);
    }

    /// <summary>Everything that lies in no window, ascending. O(n).</summary>
    public ValidIovaRanges Complement()
    {
        var outside = new List<IovaRange>(Count + 1);
        var next = UInt128.Zero;
        foreach (var window in _windows)
        {
            if (window.Start.Value > next)
            {
                outside.Add(IovaRange.FromBounds((ulong)next, window.Start.Value - 1));
            }

            next = (UInt128)window.Last.Value + 1;
        }

        if (next <= ulong.MaxValue)
        {
            outside.Add(IovaRange.FromBounds((ulong)next, ulong.MaxValue));
        }

        return new ValidIovaRanges(outside);
    }

    /// <summary>The windows with a hole cut out.</summary>
    public ValidIovaRanges Without(IovaRange hole)
    {
        var left = new List<IovaRange>();
        foreach (var window in _windows)
        {
            if (!window.Overlaps(hole))
            {
                left.Add(window);
                continue;
            }

            if (window.Start < hole.Start)
            {
                left.Add(IovaRange.FromBounds(window.Start.Value, hole.Start.Value - 1));
            }

            if (window.Last > hole.Last)
            {
                left.Add(IovaRange.FromBounds(hole.Last.Value + 1, window.Last.Value));
            }
        }

        return new ValidIovaRanges(left);
    }

    /// <inheritdoc/>
    public bool Equals(ValidIovaRanges? other) => other is not null && _windows.AsSpan().SequenceEqual(other._windows);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValidIovaRanges);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var window in _windows)
        {
            hash.Add(window);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<IovaRange> GetEnumerator() => ((IEnumerable<IovaRange>)_windows).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsAscending(ReadOnlySpan<IovaRange> ranges)
    {
        for (var at = 1; at < ranges.Length; at++)
        {
            if (ranges[at] < ranges[at - 1])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The windows, separated by blanks; <c>none</c> when there is none.</summary>
    public override string ToString() => Count == 0 ? "none" : string.Join(' ', _windows);
}
