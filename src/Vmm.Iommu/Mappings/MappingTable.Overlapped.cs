using System.Collections;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

public sealed partial class MappingTable
{
    /// <summary>
    /// Mappings that share a byte with a range, ascending; its own enumerator. Adding or removing while it runs makes the next step
    /// throw <see cref="InvalidOperationException"/>; marking as dying does not.
    /// </summary>
    public struct Overlapped : IEnumerator<KeyValuePair<IovaRange, LiveMapping>>
    {
        private IovaRangeMap<Held>.Overlapped _entries;

        internal Overlapped(MappingTable table, IovaRange wanted) => _entries = table._mappings.Overlapping(wanted);

        /// <summary>The mapping reached by the last <see cref="MoveNext"/> that said true.</summary>
        public readonly KeyValuePair<IovaRange, LiveMapping> Current
        {
            get
            {
                var (range, held) = _entries.Current;
                return new(range, held.At(range));
            }
        }

        readonly object IEnumerator.Current => Current;

        /// <summary>Steps to the next mapping.</summary>
        /// <exception cref="InvalidOperationException">The table changed since this began.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Begins again.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>This, so that <c>foreach</c> takes it.</summary>
        public readonly Overlapped GetEnumerator() => this;

        /// <summary>Nothing is held.</summary>
        public readonly void Dispose()
        {
        }
    }
}
