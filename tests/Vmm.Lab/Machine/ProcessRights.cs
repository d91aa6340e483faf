using System.Globalization;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>What this process may do, as /proc tells: an emulated kernel is given the same.</summary>
internal static class ProcessRights
{
    private const int IpcLock = 14;
    private const int RawIo = 17;
    private const ulong FourLevelEnd = (1UL << 47) - 0x1000;
    private const ulong FiveLevelEnd = (1UL << 56) - 0x1000;

    /// <summary>Options of an emulated kernel for a process with the rights of this one.</summary>
    /// <param name="entryLimit">vfio_iommu_type1.dma_entry_limit of the running kernel.</param>
    /// <param name="allowsUnsafeInterrupts">vfio_iommu_type1.allow_unsafe_interrupts of the running kernel.</param>
    public static EmulatedKernelOptions ToOptions(uint entryLimit, bool allowsUnsafeInterrupts) => new()
    {
        DmaEntryLimit = entryLimit,
        AllowUnsafeInterrupts = allowsUnsafeInterrupts,
        MemlockLimit = MemlockLimit(File.ReadLines("/proc/self/limits")),
        HasIpcLock = HasCapability(File.ReadLines("/proc/self/status"), IpcLock),
        UserSpaceEnd = HasFiveLevels(File.ReadLines("/proc/cpuinfo")) ? FiveLevelEnd : FourLevelEnd,
        HasRawIo = HasCapability(File.ReadLines("/proc/self/status"), RawIo),
    };

    /// <summary>The soft limit on locked memory, in bytes.</summary>
    internal static ulong MemlockLimit(IEnumerable<string> limits)
    {
        const string Name = "Max locked memory";
        var line = limits.FirstOrDefault(text => text.StartsWith(Name, StringComparison.Ordinal));
        var word = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return word is null or "unlimited" ? ulong.MaxValue : ulong.Parse(word, CultureInfo.InvariantCulture);
    }

    /// <summary>True when the running kernel uses page tables of five levels.</summary>
    internal static bool HasFiveLevels(IEnumerable<string> processors) =>
        processors.FirstOrDefault(text => text.StartsWith("flags", StringComparison.Ordinal))?.Split(' ').Contains("la57") == true;

    /// <summary>True when the effective set holds a capability.</summary>
    internal static bool HasCapability(IEnumerable<string> status, int number)
    {
        const string Name = "CapEff:";
        var line = status.FirstOrDefault(text => text.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && (ulong.Parse(line.AsSpan(Name.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> number & 1) != 0;
    }
}
