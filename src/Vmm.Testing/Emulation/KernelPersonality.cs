using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation;

/// <summary>
/// What one version of Linux does otherwise than another, as far as a VMM meets it: facts with names, so that no model
/// compares versions. What is not named here is as in 7.2.
/// </summary>
public sealed record KernelPersonality
{
    private KernelPersonality(string name) => Name = name;

    /// <summary>Linux 7.2, the default.</summary>
    public static KernelPersonality Linux72 { get; } = new("7.2");

    /// <summary>Linux 6.2: /dev/iommu has come, and only groups can use it.</summary>
    public static KernelPersonality Linux62 { get; } = Linux72 with
    {
        Name = "6.2",
        WrapErrno = Errno.EINVAL,
        IommufdRequests = 9,
        HasDeviceNodes = false,
        GrowsMsix = false,
        HasDmaBufs = false,
    };

    /// <summary>Linux 4.17: no list of valid IOVAs, no ownership of a group's DMA, and an unmap that never reaches the last page.</summary>
    public static KernelPersonality Linux417 { get; } = Linux62 with
    {
        Name = "4.17",
        KeepsIovaList = false,
        HasInfoCapabilities = false,
        LimitsEntries = false,
        LogsDirtyPages = false,
        HasUnmapAll = false,
        IommufdRequests = 0,
        HasDeviceFeatures = false,
        RefusesUnmapToTheTop = true,
        ClaimsDmaOwnership = false,
        LateMembersJoinTheDomain = false,
        WrongDescriptorErrno = Errno.EINVAL,
    };

    /// <summary>Linux 4.10: as 4.17, and sysfs does not say what is reserved.</summary>
    public static KernelPersonality Linux410 { get; } = Linux417 with
    {
        Name = "4.10",
        HasReservedRegionsFile = false,
        RefusesUnmapToTheTop = false,
    };

    /// <summary>All of them, the oldest first.</summary>
    public static IReadOnlyList<KernelPersonality> All { get; } = [Linux410, Linux417, Linux62, Linux72];

    /// <summary>The version: <c>4.10</c>.</summary>
    public string Name { get; private init; }

    /// <summary>True where each group has the file <c>reserved_regions</c>. KERNEL: from 4.11.</summary>
    public bool HasReservedRegionsFile { get; private init; } = true;

    /// <summary>
    /// True where type1 keeps a container's valid IOVAs, refuses a map outside them, and refuses a group whose regions or
    /// aperture lie over a mapping. KERNEL: from 5.4; before, a map across a reserved region succeeds and its DMA goes astray.
    /// </summary>
    public bool KeepsIovaList { get; private init; } = true;

    /// <summary>True where GET_INFO has capabilities. KERNEL: IOVA_RANGE from 5.4, MIGRATION from 5.8, DMA_AVAIL from 5.10.</summary>
    public bool HasInfoCapabilities { get; private init; } = true;

    /// <summary>True where a container holds so many mappings and no more (ENOSPC). KERNEL: <c>dma_entry_limit</c>, from 5.1.</summary>
    public bool LimitsEntries { get; private init; } = true;

    /// <summary>True where type1 has DIRTY_PAGES and the bitmap of UNMAP_DMA. KERNEL: from 5.8.</summary>
    public bool LogsDirtyPages { get; private init; } = true;

    /// <summary>True where UNMAP_DMA has the flags ALL and VADDR, and MAP_DMA the flag VADDR. KERNEL: from 5.12.</summary>
    public bool HasUnmapAll { get; private init; } = true;

    /// <summary>The answer to a range that wraps past 2^64-1. KERNEL: EINVAL in older kernels, which tested it with the rest.</summary>
    public Errno WrapErrno { get; private init; } = Errno.EOVERFLOW;

    /// <summary>True where UNMAP_DMA of a range that ends at 2^64-1 is EINVAL. KERNEL: 4.15 to 4.20.</summary>
    public bool RefusesUnmapToTheTop { get; private init; }

    /// <summary>
    /// True where VFIO claims the DMA of a group at SET_CONTAINER, and a driver that would use it is refused with EBUSY.
    /// KERNEL: from 5.19. Before, VFIO looks at the members' drivers in GET_STATUS and GET_DEVICE_FD, and a driver that binds
    /// in a group in use ends in BUG().
    /// </summary>
    public bool ClaimsDmaOwnership { get; private init; } = true;

    /// <summary>
    /// True where a device that joins a group in use joins the group's domain. Where it does not, its DMA faults, unless it is
    /// conventional PCI: the IOMMU sees the bridge's requester ID, which is in the domain.
    /// </summary>
    public bool LateMembersJoinTheDomain { get; private init; } = true;

    /// <summary>
    /// Requests that /dev/iommu knows, from IOMMU_DESTROY on; 0 where there is no /dev/iommu. KERNEL: from 6.2, 9 of them;
    /// page tables and hardware information from 6.6, dirty tracking from 6.7, MAP_FILE and CHANGE_PROCESS from 6.13.
    /// </summary>
    public uint IommufdRequests { get; private init; } = 21;

    /// <summary>True where /dev/iommu is.</summary>
    public bool HasIommufd => IommufdRequests > 0;

    /// <summary>True where each vfio device has a node of its own, which can be bound to an iommufd. KERNEL: from 6.6.</summary>
    public bool HasDeviceNodes { get; private init; } = true;

    /// <summary>True where vectors can be added to MSI-X while it is on. KERNEL: from 6.5, on x86.</summary>
    public bool GrowsMsix { get; private init; } = true;

    /// <summary>True where devices have VFIO_DEVICE_FEATURE. KERNEL: from 5.7.</summary>
    public bool HasDeviceFeatures { get; private init; } = true;

    /// <summary>True where a BAR can be had as a dma-buf, if the kernel is built so. KERNEL: from 6.19.</summary>
    public bool HasDmaBufs { get; private init; } = true;

    /// <summary>What SET_CONTAINER answers to a descriptor of something else. KERNEL: EINVAL in older kernels.</summary>
    public Errno WrongDescriptorErrno { get; private init; } = Errno.EBADFD;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
