using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// Where a hot map goes: maps and unmaps of a vIOMMU, from any thread, at once in every container of an address space. No mailbox,
/// no lock unless a caller has to sleep, nothing allocated. Each container's <see cref="ContainerRing"/> orders them against views
/// and attaches. What a guest asks for that cannot be is answered by a status, and changes nothing.
/// </summary>
/// <param name="memory">What targets of <see cref="MapNotify"/> are looked up in; several mappers may share it. Null for one of its own.</param>
public sealed class DmaMapper(SystemMemory? memory = null)
{
    private readonly SystemMemory _memory = memory ?? new();
    private DmaLane[] _lanes = [];
    private DmaWindows _windows = new(generation: 1, []);

    /// <summary>The containers. Immutable; a change is another array.</summary>
    public IReadOnlyList<DmaLane> Lanes => CurrentLanes;

    /// <summary>Where all of them can map now, to be named in <see cref="TryMap"/>.</summary>
    public DmaWindows Windows
    {
        get
        {
            while (true)
            {
                // ORDERING: acquire, the pair of the exchange below.
                var known = Volatile.Read(ref _windows);
                var lanes = CurrentLanes;
                if (known.IsCurrent(lanes))
                {
                    return known;
                }

                // ORDERING: of several that look at once one counts on, so that a generation is one set of windows.
                Interlocked.CompareExchange(ref _windows, new DmaWindows(known.Generation + 1, lanes), known);
            }
        }
    }

    /// <summary>Changes the containers. By the address space's owner, one change at a time.</summary>
    /// <param name="lanes">All of them. One that is to be filled comes first as filling, then is replayed, and then comes as filled.</param>
    public void PublishLanes(IEnumerable<DmaLane> lanes)
    {
        // ORDERING: release, the pair of the read in CurrentLanes.
        Volatile.Write(ref _lanes, [.. lanes]);
    }

    /// <summary>Changes what targets of <see cref="MapNotify"/> are looked up in. By the address space's owner.</summary>
    /// <param name="view">System memory.</param>
    public void PublishMemory(FlatView view) => _memory.Publish(view);

    /// <summary>Maps a range in every container, or in none: where one refuses, the others are unmapped again.</summary>
    /// <param name="range">IOVAs inside one hot window; multiples of the smallest page.</param>
    /// <param name="block">The memory.</param>
    /// <param name="offset">Offset of the first byte in <paramref name="block"/>.</param>
    /// <param name="access">What devices may do; not <see cref="DmaAccess.None"/>.</param>
    /// <param name="seen">The windows that the caller chose the range from; null where it names none.</param>
    /// <returns><see cref="MapStatus.Ok"/>, or how the first container that refused did. One that it cannot be taken back from is tainted, and the range Dying there until it is unmapped.</returns>
    public MapResult TryMap(IovaRange range, RamBlock block, ulong offset, DmaAccess access, DmaWindows? seen = null)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Map(range, block, offset, access, seen, isReplay: false);
    }

    /// <summary>Unmaps the whole mappings of a range in every container. When it returns, no device reaches what was there.</summary>
    /// <param name="range">IOVAs inside one hot window; cuts no mapping, and holds at least one.</param>
    /// <returns>
    /// <see cref="MapStatus.NotMapped"/> where no container has anything there or the range would cut a mapping. After a failure the
    /// range is Dying in the container that failed, and that container tainted.
    /// </returns>
    public MapResult TryUnmap(IovaRange range) => Unmap(new HotRequest(HotKind.Unmap, range, Generation: 0));

    /// <summary>A vIOMMU's map event, as the guest gave it: any numbers, refused by a status where they make no mapping.</summary>
    /// <param name="iova">First IOVA.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="target">Guest-physical address of the first byte, in system memory.</param>
    /// <param name="access">What devices may do; QEMU: reads always go with writes, and writes nowhere that is read-only.</param>
    /// <param name="isReplay">
    /// True in answer to a replay: what is mapped so already is a success, and a refusal by one container takes nothing from others.
    /// </param>
    /// <returns><see cref="MapStatus.NotRam"/> where the target is not wholly RAM of one block; else as <see cref="TryMap"/>.</returns>
    public MapResult MapNotify(ulong iova, ulong length, ulong target, DmaAccess access, bool isReplay = false)
    {
        if (!IovaRange.TryFromLength(iova, length, out var range) || access == DmaAccess.None)
        {
            return MapResult.Of(MapStatus.BadRange);
        }

        if (!_memory.TryFind(target, length, out var block, out var offset, out var mayWrite))
        {
            return MapResult.Of(MapStatus.NotRam);
        }

        return Map(range, block, offset, mayWrite ? access | DmaAccess.Read : DmaAccess.Read, seen: null, isReplay);
    }

    /// <summary>A vIOMMU's unmap event: all whole mappings from one IOVA to another, where there are any.</summary>
    /// <param name="first">First IOVA.</param>
    /// <param name="last">Last IOVA, inclusive; with 0 and 2^64-1 everything hot is unmapped.</param>
    public MapResult UnmapNotify(ulong first, ulong last) => first > last
        ? MapResult.Of(MapStatus.BadRange)
        : Unmap(new HotRequest(HotKind.Clear, IovaRange.FromBounds(first, last), Generation: 0)) is { Status: not (MapStatus.NotHot or MapStatus.Closed) } result
            ? result
            : MapResult.Ok;

    /// <summary>A batch of this mapper's, for one thread.</summary>
    /// <param name="capacity">Posts between two flushes, at most.</param>
    public DmaBatch NewBatch(int capacity = 512) => new(this, capacity);

    // ORDERING: acquire, the pair of the write in PublishLanes.
    internal DmaLane[] CurrentLanes => Volatile.Read(ref _lanes);

    /// <summary>Takes a map back from a container that made it. Where that fails the range is Dying there, and the guest's unmap of it tries again.</summary>
    internal static void Undo(DmaLane lane, IovaRange range) => lane.Ring.Run(new HotRequest(HotKind.Unmap, range, Generation: 0));

    private MapResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access, DmaWindows? seen, bool isReplay)
    {
        while (true)
        {
            var lanes = CurrentLanes;
            if (lanes.Length == 0)
            {
                return MapResult.Of(MapStatus.NotHot);
            }

            if (seen is not null && seen.Lanes != lanes)
            {
                return MapResult.Of(MapStatus.Stale);
            }

            var result = MapResult.Ok;
            var mapped = 0;
            for (; mapped < lanes.Length && result.IsOk; mapped += result.IsOk ? 1 : 0)
            {
                result = lanes[mapped].Ring.Run(new HotRequest(HotKind.Map, range, seen?[mapped] ?? 0)
                {
                    Block = block,
                    Offset = offset,
                    Access = access,
                    TakesTheSame = isReplay || lanes[mapped].IsFilling,
                });
            }

            if (result.IsOk)
            {
                return result;
            }

            // What is replayed may have been there before: it is not taken back.
            while (mapped-- > 0 && !isReplay)
            {
                Undo(lanes[mapped], range);
            }

            // A container that closes leaves the lanes: the others may still do it.
            if (result.Status != MapStatus.Closed || CurrentLanes == lanes)
            {
                return result;
            }
        }
    }

    private MapResult Unmap(in HotRequest request)
    {
        var lanes = CurrentLanes;
        var all = MapResult.Of(lanes.Length == 0 ? MapStatus.NotHot : MapStatus.Closed);
        foreach (var lane in lanes)
        {
            all = DmaBatch.Worse(all, lane.Ring.Run(request));
        }

        return all;
    }
}
