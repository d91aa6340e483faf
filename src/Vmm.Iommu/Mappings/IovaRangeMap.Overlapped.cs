using System.Collections;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

public sealed partial class IovaRangeMap<T>
{
    /// <summary>
    /// Entries that share a byte with a range, ascending; its own enumerator. Adding or removing while it runs makes
    /// the next step throw <see cref="InvalidOperationException"/>; replacing a value does not.
    /// </summary>
    public struct Overlapped : IEnumerator<KeyValuePair<IovaRange, T>>
    {
        private readonly IovaRangeMap<T> _map;
        private readonly IovaRange _wanted;
        private readonly int _version;
        private int _leafIndex;
        private int _index;

        internal Overlapped(IovaRangeMap<T> map, IovaRange wanted)
        {
            _map = map;
            _wanted = wanted;
            _version = map._version;
            Reset();
        }

        /// <summary>The entry reached by the last <see cref="MoveNext"/> that said true.</summary>
        public readonly KeyValuePair<IovaRange, T> Current
        {
            get
            {
                var leaf = _map._leaves[_leafIndex];
                return new(leaf.RangeAt(_index), leaf.ValueAt(_index));
            }
        }

        readonly object IEnumerator.Current => Current;

        /// <summary>Steps to the next entry.</summary>
        /// <exception cref="InvalidOperationException">The map changed since this began.</exception>
        public bool MoveNext()
        {
            if (_version != _map._version)
            {
                throw new InvalidOperationException("The map changed while its entries were being read.");
            }

            _index++;
            while (_leafIndex < _map._leafCount)
            {
                var leaf = _map._leaves[_leafIndex];
                if (_index < leaf.Count)
                {
                    return leaf.StartAt(_index) <= _wanted.Last.Value;
                }

                (_leafIndex, _index) = (_leafIndex + 1, 0);
            }

            return false;
        }

        /// <summary>Begins again.</summary>
        public void Reset()
        {
            var start = _wanted.Start.Value;
            _leafIndex = Math.Max(_map.LeafAt(start), 0);
            _index = -1;
            if (_leafIndex < _map._leafCount)
            {
                // The entry at or below the start counts only if it reaches the start.
                var below = _map._leaves[_leafIndex].IndexAtOrBelow(start);
                _index = below >= 0 && _map._leaves[_leafIndex].LastAt(below) >= start ? below - 1 : below;
            }
        }

        /// <summary>This, so that <c>foreach</c> takes it.</summary>
        public readonly Overlapped GetEnumerator() => this;

        /// <summary>Nothing is held.</summary>
        public readonly void Dispose()
        {
        }
    }
}
