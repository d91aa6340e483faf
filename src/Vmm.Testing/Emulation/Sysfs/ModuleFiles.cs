using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Emulation.Sysfs;

/// <summary>Module parameters as files below <c>module/</c>: what the options say when they are read.</summary>
internal static class ModuleFiles
{
    public static bool TryRead(EmulatedHost host, EmulatedKernelOptions options, string path, [NotNullWhen(true)] out string? text)
    {
        text = path switch
        {
            "module/vfio_iommu_type1/parameters/allow_unsafe_interrupts" => options.AllowUnsafeInterrupts ? "Y\n" : "N\n",
            "module/vfio_iommu_type1/parameters/dma_entry_limit" when options.Personality.LimitsEntries => options.DmaEntryLimit.ToString(CultureInfo.InvariantCulture) + "\n",
            "module/iommufd/parameters/allow_unsafe_interrupts" when options.Personality.HasIommufd => options.AllowUnsafeInterruptsOfIommufd ? "Y\n" : "N\n",
            "module/vfio/parameters/enable_unsafe_noiommu_mode" => host.AllowsUnsafeNoIommu ? "Y\n" : "N\n",
            _ => null,
        };
        return text is not null;
    }

    /// <summary>KERNEL: of these the limit on mappings alone can be written while the module runs, and holds for containers made later.</summary>
    public static bool TryWrite(EmulatedKernelOptions options, string path, string text)
    {
        if (path != ModuleParameters.DmaEntryLimitFile || !options.Personality.LimitsEntries || !uint.TryParse(text.TrimEnd('\n'), CultureInfo.InvariantCulture, out var limit))
        {
            return false;
        }

        options.DmaEntryLimit = limit;
        return true;
    }
}
