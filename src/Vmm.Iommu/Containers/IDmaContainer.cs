using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>
/// One DMA address space of the kernel: what is mapped here, every device of its groups can reach.
/// It keeps no book of mappings and is not thread-safe: the holder of the container's turn calls it.
/// Results are the kernel's own; nothing is retried and nothing throws.
/// </summary>
public interface IDmaContainer
{
    /// <summary>What stands behind it.</summary>
    ContainerKind Kind { get; }

    /// <summary>The container's descriptor; -1 once closed.</summary>
    int Descriptor { get; }

    /// <summary>Maps all of a range or nothing.</summary>
    /// <param name="range">IOVAs; start and length are multiples of the smallest page; shorter than 2^64 bytes.</param>
    /// <param name="address">Process address of the first byte; page aligned; stays valid until the unmap has succeeded.</param>
    /// <param name="access">What devices may do; not <see cref="DmaAccess.None"/>.</param>
    /// <returns>EEXIST over a mapping, ENOSPC without entries left, EINVAL outside the windows, ENOMEM over the locked-memory limit, EFAULT.</returns>
    SysResult Map(IovaRange range, HostAddress address, DmaAccess access);

    /// <summary>Maps memory of a block: by its file where the container can do that and it is the guest's own memory, else by process address.</summary>
    /// <param name="range">IOVAs, as above.</param>
    /// <param name="block">The memory; leased until the unmap has succeeded.</param>
    /// <param name="offset">Offset of the first byte in <paramref name="block"/>; the range lies inside the block.</param>
    /// <param name="access">What devices may do; not <see cref="DmaAccess.None"/>.</param>
    SysResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access) => Map(range, block.Address.Plus(offset), access);

    /// <summary>Unmaps the whole mappings of a range; a success may have unmapped nothing, so <paramref name="unmapped"/> counts.</summary>
    /// <param name="range">IOVAs; <see cref="IovaRange.All"/> is <see cref="UnmapAll"/>.</param>
    /// <param name="unmapped">Bytes unmapped, at most 2^64-1; 0 on failure.</param>
    SysResult Unmap(IovaRange range, out ulong unmapped);

    /// <summary>Unmaps everything.</summary>
    /// <param name="unmapped">Bytes unmapped, at most 2^64-1; on failure those that were unmapped before it.</param>
    SysResult UnmapAll(out ulong unmapped);

    /// <summary>Asks the kernel what holds now.</summary>
    /// <returns>EPROTO where the answer contradicts itself.</returns>
    SysResult<ContainerInfo> GetInfo();

    /// <summary>Puts a member in; the kernel tests it against the mappings, and pins and maps them for it.</summary>
    /// <returns>EINVAL for a conflict (iommufd: EADDRINUSE), EBUSY, EPERM for a group that is not viable or without isolated interrupts.</returns>
    /// <exception cref="ArgumentException">A member of another path: a legacy container takes groups, iommufd devices.</exception>
    SysResult Attach(IContainerMember member);

    /// <summary>
    /// Takes a member out. The last group of a legacy container takes every mapping with it: the kernel frees the backend at that
    /// moment. An IOAS keeps its mappings, unpinned, until it is closed.
    /// </summary>
    /// <returns>EBUSY while a device of the group is open.</returns>
    /// <exception cref="ArgumentException">A member of another path.</exception>
    SysResult Detach(IContainerMember member);

    /// <summary>
    /// Closes the descriptor, once. Frees nothing while a legacy group is inside. An IOAS takes its devices out and is destroyed; where
    /// that fails, the same call again goes on with what is left.
    /// </summary>
    SysResult Close();
}
