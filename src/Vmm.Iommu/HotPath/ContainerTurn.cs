using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// The state of one container that only the holder of its turn touches, and the only code that changes the container.
/// Kernel and <see cref="Table"/> say the same after every call; where they cannot, the range stays Dying and the container is
/// tainted. Not thread-safe: <see cref="ContainerRing"/> gives the turn to one thread at a time. <see cref="Snapshot"/> alone
/// may be read by anybody.
/// </summary>
public sealed partial class ContainerTurn
{
    private readonly IDmaContainer _container;
    private readonly List<Inside> _members = [];
    private IReadOnlyList<ReservedRegion> _userHoles;
    private ContainerInfo _info;
    private ContainerSnapshot _snapshot;
    private uint? _entriesLeft;
    private bool _isCountedWhileDying;
    private bool _isClosing;
    private bool _isBackendGone;
    private bool _isClosed;
    private IovaRange? _taintedAt;
    private MapResult _taintedBy;

    /// <summary>The state of a container that was just opened: one member inside, nothing mapped.</summary>
    /// <param name="container">The container; closed by <see cref="Close"/>.</param>
    /// <param name="first">The member inside; closing it stays its owner's.</param>
    /// <param name="regions">Its reserved regions; empty where they are unknown and the kernel decides.</param>
    /// <param name="info">What the kernel said after it came in.</param>
    /// <param name="userHoles">Holes that the user asked for.</param>
    public ContainerTurn(
        IDmaContainer container,
        IContainerMember first,
        IReadOnlyList<ReservedRegion> regions,
        ContainerInfo info,
        IReadOnlyList<ReservedRegion>? userHoles = null)
    {
        ArgumentNullException.ThrowIfNull(info);
        _container = container;
        _members.Add(new Inside(first, regions));
        _userHoles = userHoles ?? [];
        _snapshot = Take(info, generation: 1);
    }

    /// <summary>The mappings, to be read by plans and questions. Changed by this class alone.</summary>
    public MappingTable Table { get; } = new();

    /// <summary>What the container allows now. Any thread may read it; what it says can be old when it is used.</summary>
    // ORDERING: pairs with the write in Publish; whoever sees the reference sees the record behind it.
    public ContainerSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>
    /// QEMU: true to hand every map, unmap and attach to the kernel whatever is known to stand against it, to make no call because
    /// of a refusal, and to ask what the container allows no second time. A call may fail after its effect, and memory that devices
    /// still reach must not go back: by default the range of a refused map is unmapped at once; here its lease lasts until it is.
    /// Hot maps are judged and undone as by default.
    /// </summary>
    public bool KernelDecides { get; init; }

    /// <summary>The container's descriptor; -1 once closed.</summary>
    public int Descriptor => _container.Descriptor;

    /// <summary>True when no map can succeed any more: closing, closed, or the last member has left.</summary>
    public bool IsEnding => _isClosing || _isBackendGone || _isClosed;

    /// <summary>True once the descriptor is closed.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Maps all of a range or nothing, and takes a lease of the memory for as long as it is mapped.</summary>
    /// <param name="range">IOVAs; start and length are multiples of the smallest page.</param>
    /// <param name="block">The memory.</param>
    /// <param name="offset">Offset of the first byte in <paramref name="block"/>.</param>
    /// <param name="access">What devices may do.</param>
    /// <returns>
    /// A refusal leaves kernel, table and lease as they were; where the kernel does not let it be made sure of, the range is Dying
    /// with its lease, and the container tainted. Where the kernel decides, the lease lasts until the range is unmapped.
    /// </returns>
    public MapResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Map(range, block, offset, access, isHot: false);
    }

    private MapResult JudgeAndMap(IovaRange range, RamBlock block, ulong offset, DmaAccess access, bool isHot)
    {
        var verdict = Judge(range, block, offset, isHot);
        if (verdict != MapStatus.Ok)
        {
            return MapResult.Of(verdict);
        }

        if (!block.TryLease(out var lease))
        {
            return MapResult.Of(MapStatus.MemoryGone);
        }

        var answer = MapInKernel(range, block, offset, access);
        if (answer.IsOk)
        {
            // KERNEL: a map succeeds only where nothing is mapped, so a refused one here had no effect.
            EndDoubts(range);
            Enter(new LiveMapping(range, lease, offset, access, MappingState.Live) { IsHot = isHot });
            return MapResult.Ok;
        }

        if (KernelDecides && !isHot && answer.Errno != Errno.ENOSPC)
        {
            Doubt(range, lease);
        }
        else if (IsSurelyNotMapped(range, answer.Errno))
        {
            lease.End();
        }
        else
        {
            Enter(new LiveMapping(range, lease, offset, access, MappingState.Dying) { IsHot = isHot });
            Taint(range, MapResult.Refused(answer.Errno));
        }

        return answer.Errno == Errno.ENOSPC ? new MapResult(MapStatus.OutOfMappings, answer.Errno) : MapResult.Refused(answer.Errno);
    }

    /// <summary>Unmaps the whole mappings that lie in a range, in one call, and ends their leases.</summary>
    /// <param name="range">IOVAs; cuts no mapping and, unless the kernel decides, holds at least one.</param>
    /// <returns>
    /// <see cref="MapStatus.NotMapped"/> without a call when nothing lies there or a mapping would be cut. After a failure the
    /// mappings stay, Dying, with their leases, and the container is tainted; the same call may be tried again.
    /// </returns>
    public MapResult Unmap(IovaRange range) => Unmap(range, isLastWord: true);

    private MapResult JudgeAndUnmap(IovaRange range, bool isLastWord)
    {
        if (_isClosed)
        {
            return MapResult.Of(MapStatus.Closed);
        }

        var isSomethingThere = Table.TryFirstOverlap(range, out var first);
        if (isSomethingThere ? first.Range != range && Table.IsCutBy(range) : !KernelDecides)
        {
            return MapResult.Of(MapStatus.NotMapped);
        }

        var (live, all) = isSomethingThere ? BytesWithin(range, first) : default;
        var answer = _container.Unmap(range, out var unmapped);

        // What died before may be gone already: a failed call can have had its effect. Anything else must be in the count.
        var result = !answer.IsOk ? MapResult.Refused(answer.Errno)
            : unmapped < live || (unmapped > all && unmapped > all + DoubtedWithin(range)) ? MapResult.Of(MapStatus.Tainted)
            : MapResult.Ok;
        if (result.IsOk)
        {
            RemoveAll(range, first);
            if (unmapped < all)
            {
                RecountEntries();
            }

            return result;
        }

        // Nobody but the holder of the turn saw it alive since the kernel was asked, and nothing builds on it from here on.
        MarkDying(range);
        return isLastWord ? Taint(range, result) : result;
    }

    /// <summary>Unmaps every mapping that lies in a range, one by one, ascending. A failure does not stop it.</summary>
    /// <param name="range">IOVAs; a mapping that it would cut stays and counts as failed.</param>
    public UnmapReport UnmapWithin(IovaRange range)
    {
        var report = default(UnmapReport);
        for (var rest = range; Table.TryFirstOverlap(rest, out var mapping) && !_isClosed;)
        {
            var result = range.Contains(mapping.Range) ? Unmap(mapping.Range) : MapResult.Of(MapStatus.NotMapped);
            report = result.IsOk
                ? report with { Unmapped = report.Unmapped + 1, Bytes = report.Bytes + mapping.Range.Length }
                : report with { Failed = report.Failed + 1, FirstFailure = report.Failed == 0 ? result : report.FirstFailure };
            if (mapping.Range.Last >= range.Last)
            {
                break;
            }

            rest = IovaRange.FromBounds(mapping.Range.Last.Value + 1, range.Last.Value);
        }

        return report;
    }

    /// <summary>The state now.</summary>
    public ContainerState GetState() => new(
        _container.Kind,
        _snapshot,
        Table.Count,
        Table.DyingCount,
        Table.HotCount,
        Table.Bytes,
        _entriesLeft,
        [.. _members.Select(inside => inside.Member.Group).Distinct()],
        _isBackendGone,
        _isClosed,
        _taintedAt,
        _taintedBy)
    { KeptForViews = Math.Min(_keptForViews, _entriesLeft ?? 0) };

    /// <summary>The tests of a map that need no kernel, in the kernel's order of answers.</summary>
    private MapStatus Judge(IovaRange range, RamBlock block, ulong offset, bool isHot)
    {
        if (IsEnding)
        {
            return MapStatus.Closed;
        }

        if (offset > block.Length || range.Length > block.Length - offset)
        {
            return MapStatus.BadRange;
        }

        // A table has room for one mapping at a place, and the one that is Dying there may be gone from the kernel.
        // A guest may ask for what is refused without end, and doubts about each would be kept.
        return !KernelDecides || isHot ? JudgeByWhatIsKnown(range, block.Address.Plus(offset), isHot ? _keptForViews : 0)
            : HasDying(range) ? MapStatus.Tainted : MapStatus.Ok;
    }

    private MapStatus JudgeByWhatIsKnown(IovaRange range, HostAddress address, uint keptEntries)
    {
        if (!_info.PageSizes.IsAligned(range) || !IsPageAligned(address))
        {
            return MapStatus.BadRange;
        }

        if (Table.Overlaps(range))
        {
            return HasDying(range) ? MapStatus.Tainted : MapStatus.Overlaps;
        }

        if (_entriesLeft <= keptEntries)
        {
            return MapStatus.OutOfMappings;
        }

        return _snapshot.Windows.Contains(range) ? MapStatus.Ok : MapStatus.OutsideWindows;
    }

    /// <summary>
    /// Some of what died was gone before it was unmapped now. Where the entries left were counted meanwhile, the kernel had
    /// given its entry back already: it is asked again, twice where it does not answer.
    /// </summary>
    private void RecountEntries()
    {
        if (KernelDecides || _entriesLeft is null || !_isCountedWhileDying)
        {
            return;
        }

        var info = _container.GetInfo() is { IsOk: true } first ? first : _container.GetInfo();
        if (info.IsOk)
        {
            _entriesLeft = info.Value.EntriesLeft;
            _isCountedWhileDying = Table.DyingCount > 0;
        }
    }

    private void Enter(in LiveMapping mapping)
    {
        if (!Table.TryAdd(mapping))
        {
            throw new InvalidOperationException($"{mapping.Range} was free a moment ago: the table was changed outside the turn.");
        }

        _entriesLeft--;
    }

    /// <summary>KERNEL: type1 unmaps nothing, and says success, where nothing is mapped; an entry limit is met before anything is done.</summary>
    private bool IsSurelyNotMapped(IovaRange range, Errno refusal) =>
        refusal == Errno.ENOSPC || _container.Unmap(range, out _).IsOk;

    private SysResult MapInKernel(IovaRange range, RamBlock block, ulong offset, DmaAccess access)
    {
        var answer = _container.Map(range, block, offset, access);

        // QEMU: a range that is busy is unmapped and mapped once more.
        return KernelDecides && answer.Errno == Errno.EBUSY && !Table.Overlaps(range) && _container.Unmap(range, out _).IsOk
            ? _container.Map(range, block, offset, access)
            : answer;
    }

    private bool IsPageAligned(HostAddress address) => (address.Value & (_info.PageSizes.Smallest - 1)) == 0;

    private bool HasDying(IovaRange range)
    {
        if (Table.DyingCount == 0)
        {
            return false;
        }

        foreach (var (_, mapping) in Table.Overlapping(range))
        {
            if (mapping.State == MappingState.Dying)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes of a range that are live, and that are in the table at all.</summary>
    private (UInt128 Live, UInt128 All) BytesWithin(IovaRange range, in LiveMapping first)
    {
        if (first.Range == range)
        {
            return (first.State == MappingState.Live ? range.Length : 0, range.Length);
        }

        var (live, all) = (UInt128.Zero, UInt128.Zero);
        foreach (var (own, mapping) in Table.Overlapping(range))
        {
            all += own.Length;
            live += mapping.State == MappingState.Live ? own.Length : 0;
        }

        return (live, all);
    }

    private void MarkDying(IovaRange range)
    {
        foreach (var (own, _) in Table.Overlapping(range))
        {
            Table.MarkDying(own.Start);
        }
    }

    /// <summary>Takes out of the table what the kernel no longer has. The lease ends last: from then on the memory may go.</summary>
    /// <param name="range">What the kernel no longer has.</param>
    /// <param name="first">The first mapping in it, or nothing.</param>
    private void RemoveAll(IovaRange range, in LiveMapping first)
    {
        if (first.Lease.Block is not null)
        {
            Remove(first);
            for (var last = first.Range.Last; last < range.Last && Table.TryFirstOverlap(range, out var next); last = next.Range.Last)
            {
                Remove(next);
            }
        }

        EndDoubts(range);
    }

    private void Remove(in LiveMapping mapping)
    {
        Table.TryRemove(mapping.Range.Start, out _);
        _entriesLeft++;
        mapping.Lease.End();
    }

    private MapResult Taint(IovaRange range, MapResult result)
    {
        if (_taintedAt is null)
        {
            (_taintedAt, _taintedBy) = (range, result);
        }

        return result;
    }

    private readonly record struct Inside(IContainerMember Member, IReadOnlyList<ReservedRegion> Regions);
}
