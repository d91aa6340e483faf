using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Kernel calls as timelines and expectations write them: the ioctls of VFIO and iommufd, with what matters of their arguments.</summary>
internal static class CallText
{
    internal static bool IsShown(KernelCall call) => call.Call.StartsWith("VFIO_", StringComparison.Ordinal) || call.Call.StartsWith("IOMMU_", StringComparison.Ordinal);

    internal static string Of(KernelCall call)
    {
        var what = call.Call switch
        {
            "VFIO_IOMMU_MAP_DMA" => $"{RangeOf(call)} {AccessOf(call)}",
            "IOMMU_IOAS_MAP" or "IOMMU_IOAS_MAP_FILE" or "IOMMU_IOAS_COPY" => $"{RangeOf(call)} {IoasAccessOf(call)}",
            "VFIO_IOMMU_UNMAP_DMA" or "IOMMU_IOAS_UNMAP" => RangeOf(call),
            "VFIO_GROUP_GET_DEVICE_FD" => call.Before.GetValueOrDefault("name", ""),
            _ => call.Descriptor?.Split('#')[0] ?? "",
        };
        return $"{call.Call} {what}{(call.IsOk ? "" : $" = {call.Errno.Name}")}";
    }

    private static string RangeOf(KernelCall call)
    {
        var iova = Number(call, "iova");
        var size = Number(call, "size");
        return size == 0 ? $"0x{iova:x}+0" : $"0x{iova:x}-0x{iova + (size - 1):x}";
    }

    private static string AccessOf(KernelCall call) => call.Before.GetValueOrDefault("flags") switch
    {
        "1" => "ro",
        "2" => "wo",
        _ => "rw",
    };

    private static string IoasAccessOf(KernelCall call) =>
        uint.TryParse(call.Before.GetValueOrDefault("flags"), out var flags) && (flags & IommufdUapi.MapWriteable) != 0
            ? (flags & IommufdUapi.MapReadable) != 0 ? "rw" : "wo"
            : "ro";

    private static ulong Number(KernelCall call, string field) =>
        call.Before.TryGetValue(field, out var text) && text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : 0;
}
