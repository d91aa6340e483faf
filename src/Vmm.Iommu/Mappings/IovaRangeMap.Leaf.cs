using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

public sealed partial class IovaRangeMap<T>
{
    /// <summary>Some neighbouring entries, as three arrays in step: a search reads starts alone.</summary>
    private sealed class Leaf
    {
        public readonly ulong[] Starts = new ulong[LeafCapacity];
        public readonly ulong[] Lasts = new ulong[LeafCapacity];
        public readonly T[] Values = new T[LeafCapacity];

        public int Count { get; private set; }

        public IovaRange RangeAt(int index) => IovaRange.FromBounds(Starts[index], Lasts[index]);

        /// <summary>The last entry that begins at or below <paramref name="address"/>; -1 when none does.</summary>
        public int IndexAtOrBelow(ulong address) => LastAtOrBelow(Starts.AsSpan(0, Count), address);

        public void InsertAt(int index, IovaRange range, T value)
        {
            Move(index, this, index + 1, Count - index);
            (Starts[index], Lasts[index], Values[index]) = (range.Start.Value, range.Last.Value, value);
            Count++;
        }

        public void RemoveAt(int index)
        {
            Move(index + 1, this, index, Count - index - 1);
            Count--;
            Values[Count] = default!;
        }

        public void Append(Leaf next)
        {
            next.Move(0, this, Count, next.Count);
            Count += next.Count;
        }

        /// <summary>Keeps the first <paramref name="keep"/> entries and gives the rest as a leaf of their own.</summary>
        public Leaf SplitAt(int keep)
        {
            var upper = new Leaf { Count = Count - keep };
            Move(keep, upper, 0, upper.Count);
            Array.Clear(Values, keep, upper.Count);
            Count = keep;
            return upper;
        }

        private void Move(int from, Leaf target, int to, int count)
        {
            Array.Copy(Starts, from, target.Starts, to, count);
            Array.Copy(Lasts, from, target.Lasts, to, count);
            Array.Copy(Values, from, target.Values, to, count);
        }
    }
}
