using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Topology;

/// <summary>The parameters of VFIO's modules. Null where the module is not loaded or has no such parameter.</summary>
/// <param name="AllowUnsafeInterrupts">True where a group may be used whose interrupts are not isolated.</param>
/// <param name="EnableUnsafeNoIommu">True where devices without an IOMMU may be used.</param>
/// <param name="DmaEntryLimit">Mappings that a type1 container may hold.</param>
public sealed record ModuleParameters(bool? AllowUnsafeInterrupts, bool? EnableUnsafeNoIommu, uint? DmaEntryLimit)
{
    /// <summary>Where the first is, below /sys.</summary>
    public const string UnsafeInterruptsFile = "module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";

    /// <summary>Where iommufd's parameter of the same name is, below /sys.</summary>
    public const string IommufdUnsafeInterruptsFile = "module/iommufd/parameters/allow_unsafe_interrupts";

    /// <summary>Where the second is, below /sys.</summary>
    public const string UnsafeNoIommuFile = "module/vfio/parameters/enable_unsafe_noiommu_mode";

    /// <summary>Where the third is, below /sys.</summary>
    public const string DmaEntryLimitFile = "module/vfio_iommu_type1/parameters/dma_entry_limit";

    /// <summary>True where iommufd may use a device whose interrupts are not isolated.</summary>
    public bool? IommufdAllowUnsafeInterrupts { get; init; }

    /// <summary>Reads them.</summary>
    public static ModuleParameters Read(ISysfs sysfs)
    {
        ArgumentNullException.ThrowIfNull(sysfs);
        return new(
            IsOn(sysfs, UnsafeInterruptsFile),
            IsOn(sysfs, UnsafeNoIommuFile),
            uint.TryParse(Text(sysfs, DmaEntryLimitFile), CultureInfo.InvariantCulture, out var limit) ? limit : null)
        {
            IommufdAllowUnsafeInterrupts = IsOn(sysfs, IommufdUnsafeInterruptsFile),
        };
    }

    private static bool? IsOn(ISysfs sysfs, string path) => Text(sysfs, path) switch
    {
        "Y" or "1" => true,
        "N" or "0" => false,
        _ => null,
    };

    private static string? Text(ISysfs sysfs, string path) => sysfs.ReadText(path).Value?.Trim();
}
