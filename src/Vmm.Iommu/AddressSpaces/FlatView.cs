using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>What a guest address space shows: sections ascending, none of which overlap. Immutable.</summary>
public sealed class FlatView : IReadOnlyList<MemorySection>, IEquatable<FlatView>
{
    /// <summary>A space that shows nothing.</summary>
    public static readonly FlatView Empty = new([]);

    private readonly MemorySection[] _sections;

    /// <summary>A view from sections in any order.</summary>
    /// <exception cref="ArgumentException">Two sections overlap, or one shows bytes that its block does not have; names them.</exception>
    public FlatView(IEnumerable<MemorySection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        _sections = [.. sections.OrderBy(section => section.Range)];
        for (var i = 0; i < _sections.Length; i++)
        {
            if (i > 0 && _sections[i - 1].Range.Overlaps(_sections[i].Range))
            {
                throw new ArgumentException(
                    $"Sections overlap: {_sections[i - 1].Name} at {_sections[i - 1].Range} and {_sections[i].Name} at {_sections[i].Range}. A view shows one thing at an address.",
                    nameof(sections));
            }

            Check(_sections[i], nameof(sections));
        }
    }

    /// <summary>Number of sections.</summary>
    public int Count => _sections.Length;

    /// <summary>The section at <paramref name="index"/>, ascending.</summary>
    public MemorySection this[int index] => _sections[index];

    /// <summary>The section that shows <paramref name="address"/>.</summary>
    public bool TryFind(Iova address, [NotNullWhen(true)] out MemorySection? section)
    {
        var (low, high) = (0, _sections.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _sections[middle].Range.Last < address ? (middle + 1, high) : (low, middle);
        }

        section = low < _sections.Length && _sections[low].Range.Contains(address) ? _sections[low] : null;
        return section is not null;
    }

    /// <inheritdoc/>
    public bool Equals(FlatView? other) => other is not null && _sections.AsSpan().SequenceEqual(other._sections);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FlatView);

    /// <inheritdoc/>
    public override int GetHashCode() => _sections.Aggregate(Count, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<MemorySection> GetEnumerator() => _sections.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

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
}
