using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Results;

namespace Vmm.Testing.GuestIommus;

/// <summary>
/// A vIOMMU for tests: what one guest domain has mapped, told to the mapper of one address space as it changes and replayed when
/// that space asks. Thread-safe: one lock keeps a replay and the guest's own changes apart, as QEMU's big lock does.
/// </summary>
public sealed class GuestIommuModel : IGuestIommu
{
    private readonly Lock _gate = new();
    private readonly IovaRangeMap<(ulong Target, DmaAccess Access)> _table = new();
    private readonly List<IovaRange> _replayed = [];
    private DmaMapper? _mapper;

    /// <summary>Why it does not tell of maps, as a vIOMMU without caching mode; null when it does.</summary>
    public string? Refuses { get; set; }

    /// <summary>Windows that were asked about, in order.</summary>
    public IReadOnlyList<IovaRange> Replayed
    {
        get
        {
            lock (_gate)
            {
                return [.. _replayed];
            }
        }
    }

    /// <summary>Says where the guest's changes go.</summary>
    /// <param name="mapper">The mapper of the address space that it translates.</param>
    public void Connect(DmaMapper mapper)
    {
        lock (_gate)
        {
            _mapper = mapper;
        }
    }

    /// <summary>
    /// The guest enters a mapping, which is then told. It stays in the guest's table whatever the answer is, unless another is there
    /// already.
    /// </summary>
    /// <param name="iova">First IOVA; any number, as guests give them.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="target">Guest-physical address of the first byte.</param>
    /// <param name="access">What devices may do.</param>
    public MapResult Map(ulong iova, ulong length, ulong target, DmaAccess access = DmaAccess.ReadWrite)
    {
        lock (_gate)
        {
            if (IovaRange.TryFromLength(iova, length, out var range))
            {
                _table.TryAdd(range, (target, access));
            }

            return Mapper.MapNotify(iova, length, target, access);
        }
    }

    /// <summary>The guest takes its mappings in a range out, which is then told.</summary>
    /// <param name="first">First IOVA.</param>
    /// <param name="last">Last IOVA, inclusive.</param>
    public MapResult Unmap(ulong first, ulong last)
    {
        lock (_gate)
        {
            foreach (var (entry, _) in first <= last ? Within(IovaRange.FromBounds(first, last)) : [])
            {
                _table.Remove(entry.Start);
            }

            return Mapper.UnmapNotify(first, last);
        }
    }

    /// <summary>Where the guest's table leads to, whatever came of the mapping's being told.</summary>
    /// <param name="iova">The IOVA.</param>
    /// <param name="target">The guest-physical address.</param>
    /// <param name="left">Bytes that the mapping has from there on.</param>
    /// <returns>False where the table has nothing there.</returns>
    internal bool TryTranslate(Iova iova, out ulong target, out UInt128 left)
    {
        lock (_gate)
        {
            foreach (var (range, (start, _)) in _table.Overlapping(new IovaRange(iova, iova)))
            {
                var inside = iova.Value - range.Start.Value;
                (target, left) = (unchecked(start + inside), range.Length - inside);
                return true;
            }
        }

        (target, left) = (0, 0);
        return false;
    }

    /// <inheritdoc/>
    public Task<ReplayOutcome> ReplayAsync(IovaRange window, DmaMapper mapper)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        lock (_gate)
        {
            _replayed.Add(window);
            if (Refuses is { } words)
            {
                return Task.FromResult(ReplayOutcome.Refused(words));
            }

            var outcome = ReplayOutcome.Nothing;
            foreach (var (range, (target, access)) in Within(window))
            {
                outcome = outcome.And(range, mapper.MapNotify(range.Start.Value, (ulong)range.Length, target, access, isReplay: true));
            }

            return Task.FromResult(outcome);
        }
    }

    private DmaMapper Mapper => _mapper ?? throw new InvalidOperationException("Connect was not called: the guest's maps have nowhere to go.");

    private List<KeyValuePair<IovaRange, (ulong Target, DmaAccess Access)>> Within(IovaRange range)
    {
        var whole = new List<KeyValuePair<IovaRange, (ulong Target, DmaAccess Access)>>();
        foreach (var entry in _table.Overlapping(range))
        {
            if (range.Contains(entry.Key))
            {
                whole.Add(entry);
            }
        }

        return whole;
    }
}
