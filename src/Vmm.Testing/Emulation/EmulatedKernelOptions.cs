namespace Vmm.Testing.Emulation;

/// <summary>What differs from one Linux machine to the next: module parameters, limits and rights of this process. Can be changed while the kernel runs.</summary>
public sealed class EmulatedKernelOptions
{
    /// <summary>vfio_iommu_type1.dma_entry_limit: mappings a container may hold. Read when SET_IOMMU opens the backend.</summary>
    public uint DmaEntryLimit { get; set; } = 65535;

    /// <summary>vfio_iommu_type1.allow_unsafe_interrupts.</summary>
    public bool AllowUnsafeInterrupts { get; set; }

    /// <summary>RLIMIT_MEMLOCK in bytes; exactly reaching it is allowed.</summary>
    public ulong MemlockLimit { get; set; } = ulong.MaxValue;

    /// <summary>CAP_IPC_LOCK: memory is counted but not limited.</summary>
    public bool HasIpcLock { get; set; }

    /// <summary>Uevents that wait for a listener before the next one is lost.</summary>
    public int UeventQueueLength { get; set; } = 1024;
}
