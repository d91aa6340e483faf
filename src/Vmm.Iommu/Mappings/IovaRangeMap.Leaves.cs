namespace Vmm.Iommu.Mappings;

public sealed partial class IovaRangeMap<T>
{
    // Two neighbours that together are below it become one. What comes of it has room for as many again as a split leaves
    // room for, so no add and remove in turn split and join.
    private const int JoinBelow = LeafCapacity * 3 / 4;

    private ulong[] _firsts = [];
    private Leaf[] _leaves = [];
    private int _leafCount;

    // The leaf that was given up last: where ranges move on through the space, the one in front is the one behind.
    private Leaf? _spare;

    /// <summary>Leaves in use.</summary>
    internal int LeafCount => _leafCount;

    /// <summary>Entries of each leaf, ascending, with what the index says is the first of it.</summary>
    internal IEnumerable<(int Count, ulong First, ulong Indexed)> Shape() =>
        _leaves.Take(_leafCount).Select((leaf, at) => (leaf.Count, leaf.Count > 0 ? leaf.First : 0, _firsts[at]));

    /// <summary>The place of a new entry once the full leaf that it belongs into has made room.</summary>
    private (int LeafIndex, int Index) MakeRoom(int leafIndex, int index)
    {
        // Full leaves give to the emptier neighbour, so that leaves are mostly full in whatever order entries come.
        var left = leafIndex > 0 ? _leaves[leafIndex - 1].Count : LeafCapacity;
        var right = leafIndex + 1 < _leafCount ? _leaves[leafIndex + 1].Count : LeafCapacity;
        if (Math.Min(left, right) > LeafCapacity - 2)
        {
            return Split(leafIndex, index);
        }

        return left < right ? Even(leafIndex - 1, left + index) : Even(leafIndex, index);
    }

    /// <summary>Two neighbours share what they have: both have room then.</summary>
    /// <param name="low">The lower of the two.</param>
    /// <param name="place">Of the new entry, counted over both.</param>
    private (int LeafIndex, int Index) Even(int low, int place)
    {
        var (left, right) = (_leaves[low], _leaves[low + 1]);
        var surplus = left.Count - ((left.Count + right.Count) / 2);
        if (surplus > 0)
        {
            left.GiveLast(surplus, right);
        }
        else
        {
            right.GiveFirst(-surplus, left);
        }

        _firsts[low + 1] = right.First;
        return place <= left.Count ? (low, place) : (low + 1, place - left.Count);
    }

    /// <summary>A full leaf becomes two, cut where the new entry goes: rows that grow up or down leave full leaves behind.</summary>
    private (int LeafIndex, int Index) Split(int leafIndex, int index)
    {
        InsertLeaf(leafIndex + 1);
        if (index == LeafCapacity)
        {
            return (leafIndex + 1, 0);
        }

        _leaves[leafIndex].GiveLast(LeafCapacity - index, _leaves[leafIndex + 1]);
        _firsts[leafIndex + 1] = _leaves[leafIndex + 1].First;
        return (leafIndex, index);
    }

    /// <summary>After a removal: the leaf's first start, and one leaf where two neighbours have become thin.</summary>
    private void Settle(int leafIndex)
    {
        var leaf = _leaves[leafIndex];
        if (leaf.Count > 0)
        {
            _firsts[leafIndex] = leaf.First;

            // The thinner of two looks at the other.
            if (leaf.Count <= JoinBelow / 2 && !TryJoin(leafIndex))
            {
                TryJoin(leafIndex - 1);
            }
        }
        else if (_leafCount > 1)
        {
            // The last leaf stays: a map and unmap pair in an empty table allocates nothing.
            RemoveLeaf(leafIndex);
        }
    }

    private bool TryJoin(int low)
    {
        if (low < 0 || low + 1 >= _leafCount || _leaves[low].Count + _leaves[low + 1].Count >= JoinBelow)
        {
            return false;
        }

        _leaves[low + 1].GiveFirst(_leaves[low + 1].Count, _leaves[low]);
        RemoveLeaf(low + 1);
        return true;
    }

    private void InsertLeaf(int at)
    {
        if (_leafCount == _leaves.Length)
        {
            Array.Resize(ref _leaves, Math.Max(4, _leafCount * 2));
            Array.Resize(ref _firsts, _leaves.Length);
        }

        Array.Copy(_leaves, at, _leaves, at + 1, _leafCount - at);
        Array.Copy(_firsts, at, _firsts, at + 1, _leafCount - at);
        (_leaves[at], _spare) = (_spare ?? new Leaf(), null);
        _leafCount++;
    }

    private void RemoveLeaf(int at)
    {
        _spare = _leaves[at];
        _leafCount--;
        Array.Copy(_leaves, at + 1, _leaves, at, _leafCount - at);
        Array.Copy(_firsts, at + 1, _firsts, at, _leafCount - at);
        _leaves[_leafCount] = null!;
    }
}
