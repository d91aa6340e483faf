using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Lab.Running;

/// <summary>Limits of the running kernel: a module's parameter, and what /proc tells of this process.</summary>
internal sealed class LinuxLimits(ISysfs sysfs) : ISideLimits
{
    /// <summary>Parameter of type1, below /sys.</summary>
    public const string EntryLimitPath = "module/vfio_iommu_type1/parameters/dma_entry_limit";

    private const int KilobytesInPage = 4;
    private readonly string? _entryLimit = sysfs.ReadText(EntryLimitPath).Value;
    private readonly long _lockedBefore = Locked();

    /// <inheritdoc/>
    public void SetEntryLimit(uint limit) => sysfs.WriteText(EntryLimitPath, limit.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public long LockedPages() => Locked() - _lockedBefore;

    /// <inheritdoc/>
    public void Restore()
    {
        if (_entryLimit is not null)
        {
            sysfs.WriteText(EntryLimitPath, _entryLimit);
        }
    }

    /// <inheritdoc/>
    public string? LeftBehind() => LockedPages() is not 0 and var pages ? $"{pages} locked pages" : null;

    private static long Locked()
    {
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith("VmLck:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / KilobytesInPage;
    }
}
