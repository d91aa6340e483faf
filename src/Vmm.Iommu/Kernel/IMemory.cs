using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Kernel;

/// <summary>Memory of this process: memfd, mmap, munmap, populate. Never throws, logs or retries.</summary>
public interface IMemory
{
    /// <summary>A new memfd of <paramref name="length"/> bytes, close-on-exec and sparse.</summary>
    /// <param name="name">Shown in /proc; at most 249 bytes.</param>
    /// <param name="length">Bytes; a multiple of the page size.</param>
    /// <returns>The descriptor, or an errno.</returns>
    SysResult CreateMemfd(string name, ulong length);

    /// <summary>Closes a descriptor that <see cref="CreateMemfd"/> gave out.</summary>
    SysResult CloseMemfd(int descriptor);

    /// <summary>Maps memory at an address of the kernel's choice; no swap is reserved for it.</summary>
    /// <param name="length">Bytes; a multiple of the page size.</param>
    /// <param name="protection">What this process may do with it.</param>
    /// <param name="sharing">Shared with the file, private to this process, or without a file.</param>
    /// <param name="descriptor">The file; -1 for <see cref="MappingSharing.Anonymous"/>.</param>
    /// <param name="offset">Offset in the file, in bytes; a multiple of the page size.</param>
    /// <returns>The address as value, or the errno of mmap(2).</returns>
    SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset);

    /// <summary>Unmaps what <see cref="Map"/> mapped.</summary>
    SysResult Unmap(HostAddress address, ulong length);

    /// <summary>Faults pages in, so that pinning finds them.</summary>
    /// <param name="address">First byte; page aligned.</param>
    /// <param name="length">Bytes; a multiple of the page size.</param>
    /// <param name="writable">Populate for writing, which allocates, or for reading.</param>
    SysResult Populate(HostAddress address, ulong length, bool writable);
}
