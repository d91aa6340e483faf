using Vmm.Iommu.Kernel;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Captures;

/// <summary>Puts recorded calls into the form of captured ones.</summary>
internal static class RecordedCalls
{
    /// <summary>The call on a legacy container or group, or a map or unmap of iommufd; null for another, which is not compared.</summary>
    public static CapturedCall? Of(KernelCall call)
    {
        if (call.Descriptor is null || !IsCompared(call.Call, call.Descriptor))
        {
            return null;
        }

        var (path, descriptor) = CaptureCallReader.Descriptor(call.Descriptor);
        return new CapturedCall(call.Call, path, descriptor, call.IsOk ? call.Result : -1, call.Errno, [.. Fields(call)]);
    }

    private static bool IsCompared(string call, string descriptor) => call.StartsWith("VFIO_", StringComparison.Ordinal)
        ? descriptor.StartsWith("/dev/vfio/", StringComparison.Ordinal) && !descriptor.StartsWith("/dev/vfio/devices/", StringComparison.Ordinal)
        : CaptureCallReader.IsMappingOfIommufd(call);

    private static IEnumerable<KeyValuePair<string, string>> Fields(KernelCall call)
    {
        var after = new Dictionary<string, string>(call.Before, StringComparer.Ordinal);
        foreach (var (name, value) in call.After)
        {
            after[name] = value;
        }

        return call.Call switch
        {
            _ when call.Call == VfioUapi.GetApiVersion.Name || call.Call == VfioUapi.GroupUnsetContainer.Name => [],
            _ when call.Call == VfioUapi.GroupGetStatus.Name => call.IsOk ? [Field("flags", after)] : [],
            _ when call.Call == VfioUapi.IommuGetInfo.Name => CaptureCallReader.Fields(call.Before["argsz"], call.IsOk ? after : []),
            _ when call.Call == VfioUapi.IommuMapDma.Name =>
                [Field("flags", call.Before), Field("iova", call.Before), Field("size", call.Before), Field("vaddr", call.Before)],
            _ when call.Call == VfioUapi.IommuUnmapDma.Name =>
                [Field("flags", call.Before), Field("iova", call.Before), Field("size", call.Before), .. call.IsOk ? [new("unmapped", after["size"])] : Array.Empty<KeyValuePair<string, string>>()],
            _ when call.Call == IommufdUapi.IoasMap.Name =>
                [Field("ioas", call.Before), Field("flags", call.Before), Field("iova", call.Before), Field("size", call.Before), Field("vaddr", call.Before)],
            _ when call.Call == IommufdUapi.IoasMapFile.Name =>
                [Field("ioas", call.Before), Field("flags", call.Before), Field("iova", call.Before), Field("size", call.Before), Field("file_offset", call.Before), Field("file", call.Before)],
            _ when call.Call == IommufdUapi.IoasUnmap.Name =>
                [Field("ioas", call.Before), Field("iova", call.Before), Field("size", call.Before), .. call.IsOk ? [new("unmapped", after["size"])] : Array.Empty<KeyValuePair<string, string>>()],
            _ => call.Before,
        };
    }

    private static KeyValuePair<string, string> Field(string name, IReadOnlyDictionary<string, string> fields) => new(name, fields[name]);
}
