using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.GuestMemory;

/// <summary>
/// A block of memory that sections of an address space show: guest RAM, a ROM image, or a mapped BAR. Every DMA mapping
/// and pin of it holds a lease, and the memory goes back only after the last lease has ended, so a device never writes
/// into memory that was given to somebody else. Thread-safe.
/// </summary>
public sealed class RamBlock
{
    private const long Retired = 1L << 62;
    private const long Released = 1L << 61;
    private const long Count = Released - 1;

    private readonly Action<RamBlock> _release;

    // Leases in the low bits, with both flags in one word: a lease is taken and ended on the hot path, where no lock is.
    private long _state;

    private RamBlock(string name, HostAddress address, ulong length, Action<RamBlock> release)
    {
        Name = name;
        Address = address;
        Length = length;
        _release = release;
    }

    /// <summary>What the VMM calls it, such as <c>pc.ram</c>.</summary>
    public string Name { get; }

    /// <summary>First byte in this process.</summary>
    public HostAddress Address { get; }

    /// <summary>Bytes.</summary>
    public ulong Length { get; }

    /// <summary>The file behind it, or -1.</summary>
    public int Descriptor { get; private init; } = -1;

    /// <summary>What that file is.</summary>
    public RamFile File { get; private init; }

    /// <summary>Offset of the first byte in the file, in bytes.</summary>
    public ulong FileOffset { get; private init; }

    /// <summary>Page size of the file or of the process, in bytes.</summary>
    public ulong PageSize { get; private init; } = 0x1000;

    /// <summary>True when the pages are the file's own (MAP_SHARED).</summary>
    public bool IsShared { get; private init; }

    /// <summary>
    /// True when pinning the file's pages pins what this process and the guest see. Never of private memory: what is written there
    /// has left the file's pages. KERNEL: nor of a device's node, which an IOAS without page tables would take; a bound device that
    /// its own iommufd maps holds itself for ever (docs/kernel.md).
    /// </summary>
    public bool IsPinnableByFile => IsShared && Descriptor >= 0 && File != RamFile.Other;

    /// <summary>Leases held now.</summary>
    public int Leases => (int)(State & Count);

    /// <summary>True when the memory has gone back.</summary>
    public bool IsReleased => (State & Released) != 0;

    /// <summary>Guest RAM of our own: a shared memfd, sparse until touched.</summary>
    /// <param name="memory">Where it is allocated.</param>
    /// <param name="name">Its name.</param>
    /// <param name="length">Bytes; rounded up to 4 KiB.</param>
    /// <exception cref="IommuException">The memory cannot be had; says why.</exception>
    public static RamBlock Allocate(IMemory memory, string name, ulong length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        length = checked(length + 0xfff) & ~0xfffUL;
        var file = memory.CreateMemfd(name, length);
        if (!file.IsOk)
        {
            throw new IommuException("memfd_create", name, file.Errno, "Free descriptors or memory for the guest's RAM.");
        }

        var mapped = memory.Map(length, MappingProtection.ReadWrite, MappingSharing.Shared, file.Descriptor, 0);
        if (!mapped.IsOk)
        {
            memory.CloseMemfd(file.Descriptor);
            throw new IommuException("mmap", $"{name}, {length} bytes", mapped.Errno, "Free address space or raise the limit on it (ulimit -v).");
        }

        return new RamBlock(name, new HostAddress((ulong)mapped.Value), length, block =>
        {
            memory.Unmap(block.Address, block.Length);
            memory.CloseMemfd(block.Descriptor);
        })
        {
            Descriptor = file.Descriptor,
            File = RamFile.Memory,
            IsShared = true,
        };
    }

    /// <summary>Memory that the VMM owns.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="address">First byte in this process.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="descriptor">The file behind it, or -1; stays the VMM's.</param>
    /// <param name="fileOffset">Offset of the first byte in the file.</param>
    /// <param name="isShared">True when mapped MAP_SHARED.</param>
    /// <param name="pageSize">Page size behind it, in bytes.</param>
    /// <param name="released">Called once, when the block is retired and the last lease has ended: the VMM may free it.</param>
    /// <param name="file">What the file is; by default one whose pages are reached by process address alone.</param>
    public static RamBlock FromExisting(
        string name,
        HostAddress address,
        ulong length,
        int descriptor = -1,
        ulong fileOffset = 0,
        bool isShared = false,
        ulong pageSize = 0x1000,
        Action? released = null,
        RamFile file = RamFile.Other) =>
        new(name, address, length, _ => released?.Invoke())
        {
            Descriptor = descriptor,
            File = file,
            FileOffset = fileOffset,
            IsShared = isShared,
            PageSize = pageSize,
        };

    /// <summary>Takes a lease; false when the block is retired.</summary>
    public bool TryLease(out RamLease lease)
    {
        for (var seen = State; ;)
        {
            if ((seen & Retired) != 0)
            {
                lease = default;
                return false;
            }

            if (Changed(ref seen, seen + 1))
            {
                lease = new RamLease(this);
                return true;
            }
        }
    }

    /// <summary>No leases from now on; the memory goes back when the last one ends, which may be at once. Idempotent.</summary>
    public void Retire()
    {
        for (var seen = State; (seen & Retired) == 0;)
        {
            if (Changed(ref seen, WithRelease(seen | Retired)))
            {
                return;
            }
        }
    }

    /// <summary>The bytes at <paramref name="offset"/>, for the time that the caller holds a lease.</summary>
    /// <param name="offset">Offset in the block, in bytes.</param>
    /// <param name="length">Bytes; offset and length lie inside the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the block.</exception>
    /// <exception cref="ObjectDisposedException">The memory has gone back.</exception>
    public unsafe Span<byte> Bytes(ulong offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)length, Length - offset, nameof(length));
        ObjectDisposedException.ThrowIf(IsReleased, this);

        // SAFETY: the range was just tested against the block, whose memory stays mapped until it is released.
        return new Span<byte>((void*)(Address.Value + offset), length);
    }

    /// <summary>Copies bytes into the block.</summary>
    /// <param name="offset">Offset in the block, in bytes.</param>
    /// <param name="source">The bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the block.</exception>
    /// <exception cref="ObjectDisposedException">The memory has gone back.</exception>
    public void Write(ulong offset, ReadOnlySpan<byte> source) => source.CopyTo(Bytes(offset, source.Length));

    /// <summary>Copies bytes out of the block.</summary>
    /// <param name="offset">Offset in the block, in bytes.</param>
    /// <param name="target">Where they go; its length says how many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the block.</exception>
    /// <exception cref="ObjectDisposedException">The memory has gone back.</exception>
    public void Read(ulong offset, Span<byte> target) => Bytes(offset, target.Length).CopyTo(target);

    /// <summary>Name and length.</summary>
    public override string ToString() => $"{Name} (0x{Length:x} bytes)";

    internal void EndLease()
    {
        for (var seen = State; ;)
        {
            if ((seen & Count) == 0)
            {
                throw new InvalidOperationException($"A lease of {Name} ended twice.");
            }

            if (Changed(ref seen, WithRelease(seen - 1)))
            {
                return;
            }
        }
    }

    // ORDERING: acquire, the pair of the exchange in Changed: whoever sees the memory released sees what was done before.
    private long State => Volatile.Read(ref _state);

    /// <summary>A retired block without leases is released.</summary>
    private static long WithRelease(long state) => state == Retired ? state | Released : state;

    /// <summary>Changes the state if it is still the one seen, and gives the memory back where the change is the one that releases it.</summary>
    private bool Changed(ref long seen, long state)
    {
        // ORDERING: a full fence. What devices did to the memory before the lease's end is over before the memory goes back.
        var found = Interlocked.CompareExchange(ref _state, state, seen);
        if (found != seen)
        {
            seen = found;
            return false;
        }

        if ((state & Released) != 0)
        {
            _release(this);
        }

        return true;
    }
}
