using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

/// <summary>
/// A sorted map from ranges that never overlap to values. Every operation costs O(log n); it allocates only when it
/// grows. Not thread-safe: whoever holds the turn touches it.
/// </summary>
/// <typeparam name="T">What a range stands for.</typeparam>
/// <remarks>
/// Entries lie in leaves of at most <see cref="LeafCapacity"/>, and the leaves' first starts in one array, so that a
/// lookup is two binary searches over plain numbers and an insertion moves little memory at any size. Leaves share with
/// their neighbours before they split, so that they are three quarters full or more in whatever order entries come.
/// </remarks>
public sealed partial class IovaRangeMap<T> : IEnumerable<KeyValuePair<IovaRange, T>>
{
    internal const int LeafCapacity = 64;

    private int _version;

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an entry; false, and nothing changes, when a byte of <paramref name="range"/> is taken.</summary>
    public bool TryAdd(IovaRange range, T value)
    {
        if (_leafCount == 0)
        {
            InsertLeaf(0);
        }

        if (TryLocateOverlap(range, out var leafIndex, out var index))
        {
            return false;
        }

        Insert(leafIndex, index, range, value);
        Count++;
        _version++;
        return true;
    }

    /// <summary>The entry that holds <paramref name="address"/>.</summary>
    public bool TryFind(Iova address, out IovaRange range, [MaybeNullWhen(false)] out T value)
    {
        if (TryLocate(address.Value, out var leaf, out var index) && leaf.LastAt(index) >= address.Value)
        {
            (range, value) = (leaf.RangeAt(index), leaf.ValueAt(index));
            return true;
        }

        (range, value) = (default, default);
        return false;
    }

    /// <summary>The lowest entry that shares a byte with <paramref name="wanted"/>.</summary>
    public bool TryFirstOverlap(IovaRange wanted, out IovaRange range, [MaybeNullWhen(false)] out T value)
    {
        if (TryLocateOverlap(wanted, out var leafIndex, out var index))
        {
            var leaf = _leaves[leafIndex];
            (range, value) = (leaf.RangeAt(index), leaf.ValueAt(index));
            return true;
        }

        (range, value) = (default, default);
        return false;
    }

    /// <summary>True when some entry shares a byte with <paramref name="range"/>.</summary>
    public bool Overlaps(IovaRange range) => TryLocateOverlap(range, out _, out _);

    /// <summary>True when an end of <paramref name="range"/> lies inside an entry that reaches beyond it.</summary>
    public bool IsCutBy(IovaRange range) =>
        (TryFind(range.Start, out var low, out _) && low.Start < range.Start)
        || (TryFind(range.Last, out var high, out _) && high.Last > range.Last);

    /// <summary>The entries that share a byte with <paramref name="range"/>, ascending. Allocates nothing.</summary>
    public Overlapped Overlapping(IovaRange range) => new(this, range);

    /// <summary>Removes the entry that begins at <paramref name="start"/>; false when none does.</summary>
    public bool Remove(Iova start, out IovaRange range, [MaybeNullWhen(false)] out T value)
    {
        if (!TryLocateStart(start, out var leafIndex, out var index))
        {
            (range, value) = (default, default);
            return false;
        }

        var leaf = _leaves[leafIndex];
        (range, value) = (leaf.RangeAt(index), leaf.ValueAt(index));
        leaf.RemoveAt(index);
        Count--;
        _version++;
        Settle(leafIndex);
        return true;
    }

    /// <summary>Removes the entry that begins at <paramref name="start"/>; false when none does.</summary>
    public bool Remove(Iova start) => Remove(start, out _, out _);

    /// <summary>Gives the entry that begins at <paramref name="start"/> another value; false when none does.</summary>
    public bool TryReplace(Iova start, T value)
    {
        if (!TryLocateStart(start, out var leafIndex, out var index))
        {
            return false;
        }

        _leaves[leafIndex].ValueAt(index) = value;
        return true;
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        (_firsts, _leaves, _spare, _leafCount, Count) = ([], [], null, 0, 0);
        _version++;
    }

    /// <summary>All entries, ascending. Allocates nothing when used by <c>foreach</c>.</summary>
    public Overlapped GetEnumerator() => new(this, IovaRange.All);

    IEnumerator<KeyValuePair<IovaRange, T>> IEnumerable<KeyValuePair<IovaRange, T>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The last leaf that begins at or below <paramref name="address"/>; -1 when all begin above.</summary>
    private int LeafAt(ulong address) => LastAtOrBelow(_firsts.AsSpan(0, _leafCount), address);

    /// <summary>Index of the last of the ascending numbers that is at or below <paramref name="limit"/>; -1 when none is.</summary>
    private static int LastAtOrBelow(ReadOnlySpan<ulong> ascending, ulong limit)
    {
        var from = 0;
        for (var length = ascending.Length; length > 1;)
        {
            // Arithmetic in place of a branch: which way a comparison goes is a coin toss to the processor.
            var half = length >> 1;
            var above = ascending[from + half] <= limit ? 1 : 0;
            from += half & -above;
            length -= half;
        }

        return ascending.Length > 0 && ascending[from] <= limit ? from : -1;
    }

    private bool TryLocate(ulong address, [NotNullWhen(true)] out Leaf? leaf, out int index)
    {
        var leafIndex = LeafAt(address);
        leaf = leafIndex < 0 ? null : _leaves[leafIndex];
        index = leaf is null ? -1 : leaf.IndexAtOrBelow(address);
        return index >= 0 && leaf is not null;
    }

    /// <summary>The lowest entry that shares a byte with a range; where none does, the place at which the range belongs.</summary>
    private bool TryLocateOverlap(IovaRange wanted, out int leafIndex, out int index)
    {
        (leafIndex, index) = (Math.Max(LeafAt(wanted.Start.Value), 0), 0);
        if (_leafCount == 0)
        {
            return false;
        }

        // The entry at or below the start counts only if it reaches the start.
        var leaf = _leaves[leafIndex];
        index = leaf.IndexAtOrBelow(wanted.Start.Value);
        if (index >= 0 && leaf.LastAt(index) >= wanted.Start.Value)
        {
            return true;
        }

        index++;
        if (index < leaf.Count)
        {
            return leaf.StartAt(index) <= wanted.Last.Value;
        }

        if (leafIndex + 1 == _leafCount || _firsts[leafIndex + 1] > wanted.Last.Value)
        {
            return false;
        }

        (leafIndex, index) = (leafIndex + 1, 0);
        return true;
    }

    private bool TryLocateStart(Iova start, out int leafIndex, out int index)
    {
        leafIndex = LeafAt(start.Value);
        index = leafIndex < 0 ? -1 : _leaves[leafIndex].IndexAtOrBelow(start.Value);
        return index >= 0 && _leaves[leafIndex].StartAt(index) == start.Value;
    }

    private void Insert(int leafIndex, int index, IovaRange range, T value)
    {
        if (_leaves[leafIndex].IsFull)
        {
            (leafIndex, index) = MakeRoom(leafIndex, index);
        }

        var leaf = _leaves[leafIndex];
        leaf.InsertAt(index, range, value);
        _firsts[leafIndex] = leaf.First;
    }
}
