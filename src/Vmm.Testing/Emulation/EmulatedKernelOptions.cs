namespace Vmm.Testing.Emulation;

/// <summary>What differs from one Linux machine to the next: version, module parameters, limits and rights of this process. Can be changed while the kernel runs, but for its version.</summary>
public sealed class EmulatedKernelOptions
{
    /// <summary>Which Linux it is.</summary>
    public KernelPersonality Personality { get; init; } = KernelPersonality.Linux72;

    /// <summary>False for a type1 without version 2, whose unmap takes whole mappings or nothing.</summary>
    public bool HasType1V2 { get; set; } = true;

    /// <summary>vfio_iommu_type1.dma_entry_limit: mappings a container may hold. Read when SET_IOMMU opens the backend.</summary>
    public uint DmaEntryLimit { get; set; } = 65535;

    /// <summary>vfio_iommu_type1.allow_unsafe_interrupts.</summary>
    public bool AllowUnsafeInterrupts { get; set; }

    /// <summary>iommufd.allow_unsafe_interrupts.</summary>
    public bool AllowUnsafeInterruptsOfIommufd { get; set; }

    /// <summary>True for a kernel with transparent huge pages: an automatic IOVA keeps up to 2 MiB of its address' alignment, not 4 KiB. Read when an IOAS is made.</summary>
    public bool HasHugePages { get; set; } = true;

    /// <summary>CONFIG_VFIO_PCI_DMABUF: a BAR can be had as a dma-buf, which an iommufd maps.</summary>
    public bool ExportsDmaBufs { get; set; } = true;

    /// <summary>CAP_SYS_RESOURCE: an iommufd may be told whom to charge.</summary>
    public bool HasSysResource { get; set; } = true;

    /// <summary>RLIMIT_MEMLOCK in bytes; exactly reaching it is allowed.</summary>
    public ulong MemlockLimit { get; set; } = ulong.MaxValue;

    /// <summary>CAP_IPC_LOCK: memory is counted but not limited.</summary>
    public bool HasIpcLock { get; set; }

    /// <summary>The process is in a user namespace of its own: what capabilities it has are none to the kernel at large.</summary>
    public bool IsInUserNamespace { get; set; }

    /// <summary>CAP_SYS_RAWIO: groups without an IOMMU may be used.</summary>
    public bool HasRawIo { get; set; } = true;

    /// <summary>
    /// End of user space, exclusive: a pointer to a bitmap that reaches beyond it is refused before it is tried. 47 bits less
    /// a page on x86-64; 56 bits less a page where page tables have five levels.
    /// </summary>
    public ulong UserSpaceEnd { get; set; } = 0x7fff_ffff_f000;

    /// <summary>Uevents that wait for a listener before the next one is lost.</summary>
    public int UeventQueueLength { get; set; } = 1024;
}
