using System.Collections;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Mappings;

/// <summary>
/// The mappings of one container. Each holds one lease of the memory behind it, which leaves the table with it: whoever
/// removes a mapping ends its lease after the unmap has succeeded. At most 48 bytes a mapping, in any order of their coming.
/// Not thread-safe: the holder of the turn touches it.
/// </summary>
public sealed partial class MappingTable : IEnumerable<LiveMapping>
{
    private readonly IovaRangeMap<Held> _mappings = new();

    /// <summary>Mappings, dying ones too.</summary>
    public int Count => _mappings.Count;

    /// <summary>Mappings whose unmap has not succeeded.</summary>
    public int DyingCount { get; private set; }

    /// <summary>Mappings that a vIOMMU asked for, dying ones too.</summary>
    public int HotCount { get; private set; }

    /// <summary>Bytes mapped, dying ones too.</summary>
    public UInt128 Bytes { get; private set; }

    /// <summary>Bytes of the mappings whose unmap has not succeeded.</summary>
    public UInt128 DyingBytes { get; private set; }

    /// <summary>
    /// Adds a mapping and takes over its lease; false when a byte of its range is taken, and the lease stays the caller's.
    /// </summary>
    /// <exception cref="ArgumentException">The mapping has no lease.</exception>
    public bool TryAdd(in LiveMapping mapping)
    {
        if (mapping.Lease.Block is null)
        {
            throw new ArgumentException($"A mapping at {mapping.Range} needs a lease of the memory behind it.", nameof(mapping));
        }

        var held = Hold(mapping);
        if (!_mappings.TryAdd(mapping.Range, held))
        {
            LetGo(held);
            return false;
        }

        Bytes += mapping.Range.Length;
        HotCount += mapping.IsHot ? 1 : 0;
        CountDying(mapping, 1);
        return true;
    }

    /// <summary>Removes the mapping that begins at <paramref name="start"/>; its lease is now the caller's to end.</summary>
    public bool TryRemove(Iova start, out LiveMapping mapping)
    {
        if (!_mappings.Remove(start, out var range, out var held))
        {
            mapping = default;
            return false;
        }

        mapping = held.At(range);
        LetGo(held);
        Bytes -= mapping.Range.Length;
        HotCount -= mapping.IsHot ? 1 : 0;
        CountDying(mapping, -1);
        return true;
    }

    /// <summary>Marks the mapping that begins at <paramref name="start"/> as dying; false when none does.</summary>
    public bool MarkDying(Iova start)
    {
        if (!_mappings.TryFind(start, out var range, out var held) || range.Start != start)
        {
            return false;
        }

        var mapping = held.At(range);
        CountDying(mapping, -1);
        mapping = mapping with { State = MappingState.Dying };
        CountDying(mapping, 1);
        LetGo(held);
        return _mappings.TryReplace(start, Hold(mapping));
    }

    /// <summary>The mapping that holds <paramref name="address"/>, dying ones too.</summary>
    public bool TryFind(Iova address, out LiveMapping mapping)
    {
        var isFound = _mappings.TryFind(address, out var range, out var held);
        mapping = isFound ? held.At(range) : default;
        return isFound;
    }

    /// <summary>The lowest mapping that shares a byte with <paramref name="range"/>.</summary>
    public bool TryFirstOverlap(IovaRange range, out LiveMapping mapping)
    {
        var isFound = _mappings.TryFirstOverlap(range, out var found, out var held);
        mapping = isFound ? held.At(found) : default;
        return isFound;
    }

    /// <summary>True when some mapping shares a byte with <paramref name="range"/>.</summary>
    public bool Overlaps(IovaRange range) => _mappings.Overlaps(range);

    /// <summary>True when unmapping <paramref name="range"/> would cut a mapping in two.</summary>
    public bool IsCutBy(IovaRange range) => _mappings.IsCutBy(range);

    /// <summary>The mappings that share a byte with <paramref name="range"/>, ascending. Allocates nothing.</summary>
    public Overlapped Overlapping(IovaRange range) => new(this, range);

    /// <summary>All mappings, ascending.</summary>
    public IEnumerator<LiveMapping> GetEnumerator()
    {
        foreach (var (range, held) in _mappings)
        {
            yield return held.At(range);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CountDying(in LiveMapping mapping, int sign)
    {
        if (mapping.State == MappingState.Dying)
        {
            DyingCount += sign;
            DyingBytes = sign > 0 ? DyingBytes + mapping.Range.Length : DyingBytes - mapping.Range.Length;
        }
    }
}
