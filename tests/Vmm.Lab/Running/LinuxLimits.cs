using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Lab.Running;

/// <summary>Limits of the running kernel: a module's parameter, and what /proc tells of this process.</summary>
internal sealed class LinuxLimits(HostKernel kernel) : ISideLimits
{
    /// <summary>Parameter of type1, below /sys.</summary>
    public const string EntryLimitPath = "module/vfio_iommu_type1/parameters/dma_entry_limit";

    private readonly string? _entryLimit = kernel.Sysfs.ReadText(EntryLimitPath).Value;
    private readonly long _lockedBefore = (long)ProcessRights.Read(kernel.Proc).Locked!.Value;

    /// <inheritdoc/>
    public void SetEntryLimit(uint limit) => kernel.Sysfs.WriteText(EntryLimitPath, limit.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public long LockedPages() => ((long)ProcessRights.Read(kernel.Proc).Locked!.Value - _lockedBefore) >> 12;

    /// <inheritdoc/>
    public void Restore()
    {
        if (_entryLimit is not null)
        {
            kernel.Sysfs.WriteText(EntryLimitPath, _entryLimit);
        }
    }

    /// <inheritdoc/>
    public string? LeftBehind() => LockedPages() is not 0 and var pages ? $"{pages} locked pages" : null;
}
