using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Memory;

/// <summary>Real memory of this process, with a book of every range that was mapped here. Guarded by the kernel's gate.</summary>
internal sealed class EmulatedMemory(LinuxKernel linux) : IDisposable
{
    private const ulong PageMask = 0xfff;
    private readonly Dictionary<int, ulong> _files = [];

    public AddressBook Book { get; } = new();

    public int OpenFiles => _files.Count;

    public bool IsFile(int descriptor) => _files.ContainsKey(descriptor);

    public SysResult CreateFile(string name, ulong length)
    {
        var file = linux.CreateMemfd(name, length);
        if (file.IsOk)
        {
            _files[file.Descriptor] = length;
        }

        return file;
    }

    public SysResult CloseFile(int descriptor) => _files.Remove(descriptor) ? linux.CloseMemfd(descriptor) : Errno.EBADF;

    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset)
    {
        ulong? size = sharing == MappingSharing.Anonymous ? null : _files.GetValueOrDefault(descriptor);
        if (size is not null && !_files.ContainsKey(descriptor))
        {
            return Errno.EBADF;
        }

        var mapped = linux.Map(length, protection, sharing, descriptor, offset);
        if (mapped.IsOk)
        {
            var backed = size is { } end ? Math.Min(length, end > offset ? end - offset : 0) : length;
            Note((ulong)mapped.Value, length, backed, protection, AddressKind.Ram, null);
        }

        return mapped;
    }

    /// <summary>Maps a part of a BAR, which a file stands for.</summary>
    public SysResult MapBar(int file, ulong length, MappingProtection protection, ulong offset, Action unmapped)
    {
        var mapped = linux.Map(length, protection, MappingSharing.Shared, file, offset);
        if (mapped.IsOk)
        {
            Note((ulong)mapped.Value, length, length, protection, AddressKind.PfnMap, unmapped);
        }

        return mapped;
    }

    public SysResult Unmap(HostAddress address, ulong length)
    {
        length = (length + PageMask) & ~PageMask;
        if ((address.Value & PageMask) != 0 || !IovaRange.TryFromLength(address.Value, length, out var range))
        {
            return Errno.EINVAL;
        }

        Book.Forget(range, (part, region) => region.Block?.Unmap(new HostAddress(part.Start.Value), (ulong)part.Length));
        return SysResult.Ok;
    }

    /// <summary>
    /// Answers as Linux would and faults nothing in: pinning here finds memory that nobody has touched as well, and guests of a
    /// terabyte are planned on machines that have none.
    /// </summary>
    public SysResult Populate(HostAddress address, ulong length, bool writable)
    {
        if (length == 0)
        {
            return SysResult.Ok;
        }

        if ((address.Value & PageMask) != 0 || !IovaRange.TryFromLength(address.Value, (length + PageMask) & ~PageMask, out var range))
        {
            return Errno.EINVAL;
        }

        return Book.Knows(range) ? Book.ErrnoOfPopulating(range, writable) : Errno.ENOMEM;
    }

    /// <summary>Holds a file, whatever becomes of the process' descriptor of it.</summary>
    public SysResult<HeldFile> Hold(int descriptor)
    {
        var own = linux.Open($"/proc/self/fd/{descriptor}");
        return own.IsOk ? new HeldFile(own.Descriptor, (_files[descriptor] + PageMask) & ~PageMask) : own.Errno;
    }

    /// <summary>Holds the file that stands for a BAR.</summary>
    public SysResult<HeldFile> HoldBar(int file, ulong length)
    {
        var own = linux.Open($"/proc/self/fd/{file}");
        return own.IsOk ? new HeldFile(own.Descriptor, length) : own.Errno;
    }

    /// <summary>Undoes <see cref="Hold"/> and <see cref="HoldBar"/>.</summary>
    public void LetGo(HeldFile file) => linux.Close(file.Descriptor);

    /// <summary>A pinned view of a part of a held file, which the process does not know; it goes with its last pin. Null when it cannot be had.</summary>
    public MappedBlock? MapHeld(HeldFile file, ulong offset, ulong length)
    {
        var mapped = linux.Map(length, MappingProtection.ReadWrite, MappingSharing.Shared, file.Descriptor, offset);
        if (!mapped.IsOk)
        {
            return null;
        }

        var view = new MappedBlock(linux, new HostAddress((ulong)mapped.Value), length, length, isWritable: true, unmapped: null);
        view.Pin();
        view.Unmap(view.Address, length);
        return view;
    }

    /// <summary>Unmaps and closes what is left.</summary>
    public void Dispose()
    {
        Book.Forget(IovaRange.All, (part, region) => region.Block?.Unmap(new HostAddress(part.Start.Value), (ulong)part.Length));
        foreach (var descriptor in _files.Keys)
        {
            linux.CloseMemfd(descriptor);
        }

        _files.Clear();
    }

    private void Note(ulong address, ulong length, ulong backed, MappingProtection protection, AddressKind kind, Action? unmapped)
    {
        length = (length + PageMask) & ~PageMask;
        backed = Math.Min(length, (backed + PageMask) & ~PageMask);
        var isWritable = protection.HasFlag(MappingProtection.Write);
        var block = new MappedBlock(linux, new HostAddress(address), length, backed, isWritable, unmapped);
        var seen = protection == MappingProtection.None ? AddressKind.Absent
            : kind == AddressKind.Ram && !isWritable ? AddressKind.ReadOnly
            : kind;
        if (backed > 0)
        {
            Book.Set(IovaRange.FromLength(address, backed), new AddressRegion(seen, isWritable, block));
        }

        // KERNEL: pages past a file's end cannot be had; touching them is SIGBUS, pinning them EFAULT.
        if (backed < length)
        {
            Book.Set(IovaRange.FromLength(address + backed, length - backed), new AddressRegion(AddressKind.Absent, false, block));
        }
    }
}
