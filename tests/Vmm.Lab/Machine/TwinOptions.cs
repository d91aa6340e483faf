using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>Options of an emulated kernel for a process with the rights that this one has on the running kernel.</summary>
internal static class TwinOptions
{
    private const ulong FourLevelEnd = (1UL << 47) - 0x1000;
    private const ulong FiveLevelEnd = (1UL << 56) - 0x1000;

    /// <summary>What the running kernel lets this process do.</summary>
    /// <param name="rights">What this process may.</param>
    /// <param name="entryLimit">vfio_iommu_type1.dma_entry_limit of the running kernel.</param>
    /// <param name="allowsUnsafeInterrupts">vfio_iommu_type1.allow_unsafe_interrupts of the running kernel.</param>
    public static EmulatedKernelOptions Of(ProcessRights rights, uint entryLimit, bool allowsUnsafeInterrupts) => new()
    {
        DmaEntryLimit = entryLimit,
        AllowUnsafeInterrupts = allowsUnsafeInterrupts,
        MemlockLimit = rights.SoftLimit ?? ulong.MaxValue,
        HasIpcLock = rights.HasIpcLock == true,
        HasRawIo = rights.HasRawIo == true,
        UserSpaceEnd = HasFiveLevels(File.ReadLines("/proc/cpuinfo")) ? FiveLevelEnd : FourLevelEnd,
    };

    /// <summary>True when the running kernel uses page tables of five levels.</summary>
    internal static bool HasFiveLevels(IEnumerable<string> processors) =>
        processors.FirstOrDefault(text => text.StartsWith("flags", StringComparison.Ordinal))?.Split(' ').Contains("la57") == true;
}
