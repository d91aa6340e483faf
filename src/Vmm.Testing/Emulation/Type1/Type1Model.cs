using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Memory;

namespace Vmm.Testing.Emulation.Type1;

/// <summary>
/// The type1 backend of one container: what is mapped, which IOVAs are valid, what is pinned and charged. Every check of
/// Linux in Linux' order. Guarded by the kernel's gate; knows nothing of descriptors.
/// </summary>
internal sealed partial class Type1Model(bool isV2, AddressBook book, LockedMemory locked, EmulatedKernelOptions options)
{
    private const ulong PageSize = 0x1000;

    /// <summary>KERNEL: PAGE_MASK, until a real domain says otherwise.</summary>
    private const ulong AnyPageSize = ~(PageSize - 1);

    private readonly IovaRangeMap<DmaEntry> _entries = new();
    private readonly List<DmaEntry> _touched = [];
    private readonly List<Type1Domain> _domains = [];
    private readonly List<EmulatedGroup> _emulated = [];
    private readonly KernelPersonality _linux = options.Personality;
    private uint _available = options.Personality.LimitsEntries ? options.DmaEntryLimit : uint.MaxValue;
    private int _invalidVaddrs;

    /// <summary>True for VFIO_TYPE1v2_IOMMU.</summary>
    public bool IsV2 => isV2;

    /// <summary>Which Linux it is.</summary>
    public KernelPersonality Linux => _linux;

    /// <summary>End of user space, exclusive.</summary>
    public ulong UserSpaceEnd => options.UserSpaceEnd;

    /// <summary>Mappings now.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>Mappings that may still be made.</summary>
    public uint Available => _available;

    /// <summary>The bitmap of page sizes that all domains have.</summary>
    public ulong PageSizeBitmap { get; private set; } = AnyPageSize;

    /// <summary>Valid IOVAs; empty while there never was a real group.</summary>
    public IovaList ValidIovas { get; private set; } = new();

    /// <summary>True while a mediated device's group is attached.</summary>
    public bool HasEmulatedGroup => _emulated.Count > 0;

    /// <summary>True when every real domain forces cache coherency; with none, true too.</summary>
    public bool IsCoherent => _domains.TrueForAll(domain => domain.Unit.EnforcesCoherency);

    /// <summary>Pages pinned now.</summary>
    public ulong PinnedPages
    {
        get
        {
            var pages = 0UL;
            foreach (var (_, entry) in _entries)
            {
                pages += entry.IsMapped ? entry.Size / PageSize : 0;
            }

            return pages;
        }
    }

    private ulong SmallestPage => PageSizeBitmap & (~PageSizeBitmap + 1);

    /// <summary>The mapping that holds an IOVA.</summary>
    public DmaEntry? EntryAt(Iova iova) => _entries.TryFind(iova, out _, out var entry) ? entry : null;

    /// <summary>Pins a part of a mapping for the time of one access by a driver; charged to nobody.</summary>
    public PinAttempt Reach(DmaEntry entry, ulong offset, ulong length, bool writable) =>
        book.Pin(entry.Address + offset, length, writable);

    /// <summary>VFIO_IOMMU_MAP_DMA, from the first check after argsz and unknown flags on.</summary>
    public Errno Map(uint flags, ulong address, ulong iova, ulong size)
    {
        if (size == 0)
        {
            return Errno.EINVAL;
        }

        if (!IovaRange.TryFromLength(iova, size, out var range) || address + (size - 1) < address)
        {
            return _linux.WrapErrno;
        }

        var setsVaddr = (flags & VfioUapi.MapVaddr) != 0;
        var access = (DmaAccess)(flags & (VfioUapi.MapRead | VfioUapi.MapWrite));
        if (setsVaddr == (access != DmaAccess.None) || ((size | iova | address) & (SmallestPage - 1)) != 0)
        {
            return Errno.EINVAL;
        }

        if (setsVaddr)
        {
            return SetVaddr(range, address);
        }

        return _entries.Overlaps(range) ? Errno.EEXIST
            : _available == 0 ? Errno.ENOSPC
            : !ValidIovas.Allows(range) ? Errno.EINVAL
            : Add(new DmaEntry(range, address, access, locked.HasIpcLock));
    }

    /// <summary>VFIO_IOMMU_UNMAP_DMA, from the mediated devices' EBUSY on; the bitmap's own sizes are tested already.</summary>
    /// <param name="flags">The request's flags.</param>
    /// <param name="iova">First IOVA.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="bitmapPage">Page size of the bitmap, where one is asked for.</param>
    /// <param name="bitmap">The bitmap; empty where none is asked for.</param>
    /// <param name="unmapped">Sum of the sizes of the entries removed, or made invalid.</param>
    public Errno Unmap(uint flags, ulong iova, ulong size, ulong bitmapPage, Span<byte> bitmap, out ulong unmapped)
    {
        unmapped = 0;
        var takesVaddr = (flags & VfioUapi.UnmapVaddr) != 0;
        var all = (flags & VfioUapi.UnmapFlagAll) != 0;
        var dirty = (flags & VfioUapi.UnmapGetDirtyBitmap) != 0;
        if (takesVaddr && HasEmulatedGroup)
        {
            return Errno.EBUSY;
        }

        var mask = SmallestPage - 1;
        if ((iova & mask) != 0 || (all ? (iova | size) != 0 : size == 0 || (size & mask) != 0))
        {
            return Errno.EINVAL;
        }

        var range = IovaRange.All;
        if (!all && !IovaRange.TryFromLength(iova, size, out range))
        {
            return _linux.WrapErrno;
        }

        if (_linux.RefusesUnmapToTheTop && range.Last.Value == ulong.MaxValue)
        {
            return Errno.EINVAL;
        }

        if ((dirty && (!IsLogging || bitmapPage != SmallestPage)) || (isV2 && !all && _entries.IsCutBy(range)))
        {
            return Errno.EINVAL;
        }

        Collect(range);
        return takesVaddr ? InvalidateVaddrs(out unmapped) : RemoveTouched(range, dirty, bitmap, out unmapped);
    }

    /// <summary>Everything out: the backend goes.</summary>
    public void Clear()
    {
        Collect(IovaRange.All);
        foreach (var entry in _touched)
        {
            Remove(entry);
        }
    }

    private Errno SetVaddr(IovaRange range, ulong address)
    {
        if (!_entries.TryFirstOverlap(range, out var found, out var entry))
        {
            return Errno.ENOENT;
        }

        if (!entry.IsVaddrInvalid || found != range)
        {
            return Errno.EINVAL;
        }

        entry.Address = address;
        entry.IsVaddrInvalid = false;
        _invalidVaddrs--;
        return Errno.None;
    }

    private Errno Add(DmaEntry entry)
    {
        // KERNEL: without a real domain the address is not even looked at; the bill comes with the first real group.
        var pinned = _domains.Count == 0 ? Errno.None : Pin(entry);
        if (!pinned.IsNone)
        {
            return pinned;
        }

        // Where no list says so before, it is the page table that says what it cannot hold.
        foreach (var domain in _domains)
        {
            if (MapInto(domain.Unit, entry) is { IsNone: false } refused)
            {
                locked.Uncharge(entry.LetGo());
                return refused;
            }
        }

        if (IsLogging && !DirtyBits.CanBegin(entry, SmallestPage))
        {
            locked.Uncharge(entry.LetGo());
            return Errno.EINVAL;
        }

        _available--;
        _entries.TryAdd(entry.Range, entry);
        if (IsLogging)
        {
            DirtyBits.Begin(entry);
        }

        return Errno.None;
    }

    private Errno Pin(DmaEntry entry)
    {
        var attempt = book.Pin(entry.Address, entry.Size, entry.Access.HasFlag(DmaAccess.Write));

        // Pages are counted as they are pinned: a limit that is reached before the bad address answers first.
        if (!locked.TryCharge(attempt.ChargedPages, entry.HasIpcLock))
        {
            attempt.Release();
            return Errno.ENOMEM;
        }

        if (!attempt.IsWhole)
        {
            locked.Uncharge(attempt.ChargedPages);
            attempt.Release();
            return Errno.EFAULT;
        }

        entry.Hold(attempt);
        return Errno.None;
    }

    private void Collect(IovaRange range)
    {
        _touched.Clear();
        foreach (var (found, entry) in _entries.Overlapping(range))
        {
            // KERNEL: v1 stops at a first entry that begins below the range, and answers success.
            if (!isV2 && found.Start < range.Start)
            {
                break;
            }

            _touched.Add(entry);
        }
    }

    private Errno InvalidateVaddrs(out ulong invalidated)
    {
        invalidated = 0;
        if (_touched.Exists(entry => entry.IsVaddrInvalid))
        {
            return Errno.EINVAL;
        }

        foreach (var entry in _touched)
        {
            entry.IsVaddrInvalid = true;
            _invalidVaddrs++;
            invalidated += entry.Size;
        }

        return Errno.None;
    }

    private Errno RemoveTouched(IovaRange range, bool dirty, Span<byte> bitmap, out ulong unmapped)
    {
        unmapped = 0;
        foreach (var entry in _touched)
        {
            if (dirty && !Report(entry, range.Start.Value, bitmap))
            {
                return Errno.EFAULT;
            }

            unmapped += entry.Size;
            Remove(entry);
        }

        return Errno.None;
    }

    private void Remove(DmaEntry entry)
    {
        _entries.Remove(entry.Range.Start);
        locked.Uncharge(entry.LetGo());
        _available++;
        if (entry.IsVaddrInvalid)
        {
            _invalidVaddrs--;
        }
    }
}
