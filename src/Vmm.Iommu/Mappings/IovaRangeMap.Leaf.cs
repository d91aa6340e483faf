using System.Runtime.CompilerServices;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

public sealed partial class IovaRangeMap<T>
{
    /// <summary>One field of every entry of a leaf, in place: no array of its own, so a leaf is one object.</summary>
    [InlineArray(LeafCapacity)]
    private struct Column<TField>
    {
        private TField _first;
    }

    /// <summary>Some neighbouring entries, as three columns in step: a search reads starts alone.</summary>
    private sealed class Leaf
    {
        private Column<ulong> _starts;
        private Column<ulong> _lasts;
        private Column<T> _values;

        public int Count { get; private set; }

        public bool IsFull => Count == LeafCapacity;

        public ulong First => _starts[0];

        public ulong StartAt(int index) => _starts[index];

        public ulong LastAt(int index) => _lasts[index];

        public ref T ValueAt(int index) => ref _values[index];

        public IovaRange RangeAt(int index) => IovaRange.FromBounds(_starts[index], _lasts[index]);

        /// <summary>The last entry that begins at or below <paramref name="address"/>; -1 when none does.</summary>
        public int IndexAtOrBelow(ulong address) => LastAtOrBelow(((ReadOnlySpan<ulong>)_starts)[..Count], address);

        public void InsertAt(int index, IovaRange range, T value)
        {
            Move(index, this, index + 1, Count - index);
            (_starts[index], _lasts[index], _values[index]) = (range.Start.Value, range.Last.Value, value);
            Count++;
        }

        public void RemoveAt(int index)
        {
            Move(index + 1, this, index, Count - index - 1);
            Count--;
            _values[Count] = default!;
        }

        /// <summary>Moves the last so many entries to the front of the leaf behind this one.</summary>
        public void GiveLast(int count, Leaf next)
        {
            next.Move(0, next, count, next.Count);
            Move(Count - count, next, 0, count);
            next.Count += count;
            Keep(Count - count);
        }

        /// <summary>Moves the first so many entries to the end of the leaf before this one.</summary>
        public void GiveFirst(int count, Leaf previous)
        {
            Move(0, previous, previous.Count, count);
            previous.Count += count;
            Move(count, this, 0, Count - count);
            Keep(Count - count);
        }

        /// <summary>What the values refer to is not held by the places behind the last entry.</summary>
        private void Keep(int count)
        {
            ((Span<T>)_values)[count..Count].Clear();
            Count = count;
        }

        private void Move(int from, Leaf target, int to, int count)
        {
            ((ReadOnlySpan<ulong>)_starts).Slice(from, count).CopyTo(((Span<ulong>)target._starts)[to..]);
            ((ReadOnlySpan<ulong>)_lasts).Slice(from, count).CopyTo(((Span<ulong>)target._lasts)[to..]);
            ((ReadOnlySpan<T>)_values).Slice(from, count).CopyTo(((Span<T>)target._values)[to..]);
        }
    }
}
