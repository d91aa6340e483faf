using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>What a guest address space shows: sections ascending, none of which overlap. Immutable.</summary>
/// <remarks>
/// Sections lie in chunks that views share: <see cref="Edit"/> replaces those it touches, and <see cref="FlatViewDiff"/> passes
/// over those that both views have. A view made of sections one by one shares nothing, and is compared in full.
/// </remarks>
public sealed class FlatView : IReadOnlyList<MemorySection>, IEquatable<FlatView>
{
    /// <summary>A space that shows nothing.</summary>
    public static readonly FlatView Empty = new(Enumerable.Empty<MemorySection>());

    private const int ChunkSize = 32;
    private const int LargestChunk = 2 * ChunkSize;

    /// <summary>None is empty.</summary>
    private readonly MemorySection[][] _chunks;

    /// <summary>Index of each chunk's first section.</summary>
    private readonly int[] _firsts;

    /// <summary>A view from sections in any order.</summary>
    /// <exception cref="ArgumentException">Two sections overlap, or one shows bytes that its block does not have; names them.</exception>
    public FlatView(IEnumerable<MemorySection> sections)
        : this([.. Sorted(sections).Chunk(ChunkSize)])
    {
        MemorySection? before = null;
        foreach (var section in this)
        {
            CheckOrder(before, section);
            before = section;
        }
    }

    private FlatView(MemorySection[][] chunks)
    {
        _chunks = chunks;
        _firsts = new int[chunks.Length];
        for (var at = 0; at < chunks.Length; at++)
        {
            _firsts[at] = Count;
            Count += chunks[at].Length;
        }
    }

    /// <summary>Number of sections.</summary>
    public int Count { get; }

    /// <summary>The section at <paramref name="index"/>, ascending.</summary>
    public MemorySection this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var found = Array.BinarySearch(_firsts, index);
            var chunk = found < 0 ? ~found - 1 : found;
            return _chunks[chunk][index - _firsts[chunk]];
        }
    }

    /// <summary>
    /// The view with some sections less and some more. Costs time in proportion to these, and to a thirty-second of the
    /// sections that stay, of which only references are copied.
    /// </summary>
    /// <param name="removed">Sections of this view.</param>
    /// <param name="added">Sections that fit where this view shows nothing, or what is removed.</param>
    /// <exception cref="ArgumentException">A removed section is not in the view, an added one overlaps another, or shows bytes that its block does not have.</exception>
    public FlatView Edit(IEnumerable<MemorySection> removed, IEnumerable<MemorySection> added)
    {
        ArgumentNullException.ThrowIfNull(removed);
        var chunks = new List<MemorySection[]>(_chunks);
        foreach (var section in removed)
        {
            Remove(chunks, section);
        }

        foreach (var section in Sorted(added))
        {
            Add(chunks, section);
        }

        return new FlatView([.. chunks]);
    }

    /// <summary>The section that shows <paramref name="address"/>.</summary>
    public bool TryFind(Iova address, [NotNullWhen(true)] out MemorySection? section)
    {
        var chunk = LastAtOrBelow(_chunks, part => part[0], address);
        section = chunk < 0 ? null : _chunks[chunk][LastAtOrBelow(_chunks[chunk], part => part, address)];
        section = section?.Range.Contains(address) == true ? section : null;
        return section is not null;
    }

    /// <summary>The sections that end at an address or above, ascending; those below are not passed over one by one.</summary>
    internal IEnumerable<MemorySection> From(Iova address)
    {
        for (var chunk = Math.Max(LastAtOrBelow(_chunks, part => part[0], address), 0); chunk < _chunks.Length; chunk++)
        {
            foreach (var section in _chunks[chunk])
            {
                if (section.Range.Last >= address)
                {
                    yield return section;
                }
            }
        }
    }

    /// <summary>The sections that begin at an address or below, descending; those above are not passed over one by one.</summary>
    internal IEnumerable<MemorySection> DownFrom(Iova address)
    {
        for (var chunk = LastAtOrBelow(_chunks, part => part[0], address); chunk >= 0; chunk--)
        {
            for (var at = LastAtOrBelow(_chunks[chunk], section => section, address); at >= 0; at--)
            {
                yield return _chunks[chunk][at];
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(FlatView? other) => other is not null && Count == other.Count && FlatViewDiff.Between(this, other).IsEmpty;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FlatView);

    /// <inheritdoc/>
    public override int GetHashCode() => this.Aggregate(Count, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<MemorySection> GetEnumerator()
    {
        foreach (var chunk in _chunks)
        {
            foreach (var section in chunk)
            {
                yield return section;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<MemorySection> Sorted(IEnumerable<MemorySection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        return sections.OrderBy(section => section.Range);
    }

    private static void Remove(List<MemorySection[]> chunks, MemorySection section)
    {
        var chunk = LastAtOrBelow(chunks, part => part[0], section.Range.Start);
        var at = chunk < 0 ? -1 : Array.IndexOf(chunks[chunk], section);
        if (at < 0)
        {
            throw new ArgumentException($"{section.Name} at {section.Range} is not in the view, so it cannot be removed.", nameof(section));
        }

        if (chunks[chunk].Length == 1)
        {
            chunks.RemoveAt(chunk);
        }
        else
        {
            chunks[chunk] = [.. chunks[chunk].AsSpan(0, at), .. chunks[chunk].AsSpan(at + 1)];
        }
    }

    private static void Add(List<MemorySection[]> chunks, MemorySection section)
    {
        var chunk = LastAtOrBelow(chunks, part => part[0], section.Range.Start);
        if (chunk < 0)
        {
            CheckOrder(null, section);
            CheckOrder(section, chunks.Count > 0 ? chunks[0][0] : null);
            chunks.Insert(0, [section]);
            return;
        }

        var part = chunks[chunk];
        var at = LastAtOrBelow(part, entry => entry, section.Range.Start) + 1;
        CheckOrder(part[at - 1], section);
        CheckOrder(section, at < part.Length ? part[at] : chunk + 1 < chunks.Count ? chunks[chunk + 1][0] : null);
        part = [.. part.AsSpan(0, at), section, .. part.AsSpan(at)];
        if (part.Length <= LargestChunk)
        {
            chunks[chunk] = part;
            return;
        }

        chunks[chunk] = part[..ChunkSize];
        chunks.Insert(chunk + 1, part[ChunkSize..]);
    }

    /// <summary>Index of the last entry that begins at or below an address; -1 when all begin above.</summary>
    private static int LastAtOrBelow<T>(IReadOnlyList<T> ascending, Func<T, MemorySection> section, Iova address)
    {
        var (low, high) = (0, ascending.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = section(ascending[middle]).Range.Start <= address ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private static void CheckOrder(MemorySection? before, MemorySection? section)
    {
        if (before is not null && section is not null && before.Range.Last >= section.Range.Start)
        {
            throw new ArgumentException(
                $"Sections overlap: {before.Name} at {before.Range} and {section.Name} at {section.Range}. A view shows one thing at an address.",
                nameof(section));
        }

        if (section is not null)
        {
            Check(section, nameof(section));
        }
    }

    private static void Check(MemorySection section, string parameter)
    {
        if (section.Block is { } block
            && (section.OffsetInBlock > block.Length || section.Range.Length > block.Length - section.OffsetInBlock))
        {
            throw new ArgumentException(
                $"{section.Name} at {section.Range} shows bytes from 0x{section.OffsetInBlock:x} of {block}, which has fewer.", parameter);
        }

        if (section is { Block: null, Kind: SectionKind.Ram or SectionKind.RamDevice })
        {
            throw new ArgumentException($"{section.Name} at {section.Range} is memory and needs the block behind it.", parameter);
        }
    }

    /// <summary>A place in a walk over a view, which knows when it stands at a chunk that another view has too.</summary>
    internal struct Cursor(FlatView view)
    {
        private int _chunk;
        private int _index;

        /// <summary>True behind the last section.</summary>
        public readonly bool IsAtEnd => _chunk == view._chunks.Length;

        /// <summary>The section here.</summary>
        public readonly MemorySection Current => Chunk[_index];

        private readonly MemorySection[] Chunk => view._chunks[_chunk];

        /// <summary>Steps to the next section.</summary>
        public void Step()
        {
            if (++_index == Chunk.Length)
            {
                (_chunk, _index) = (_chunk + 1, 0);
            }
        }

        /// <summary>Steps both over a chunk that both begin at; false, and neither moves, where there is none.</summary>
        public bool TrySkipShared(ref Cursor other)
        {
            if (_index != 0 || other._index != 0 || IsAtEnd || other.IsAtEnd || !ReferenceEquals(Chunk, other.Chunk))
            {
                return false;
            }

            _chunk++;
            other._chunk++;
            return true;
        }
    }
}
