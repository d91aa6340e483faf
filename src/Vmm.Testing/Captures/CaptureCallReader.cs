using System.Collections.Frozen;
using System.Globalization;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;

namespace Vmm.Testing.Captures;

/// <summary>Reads calls of a capture. What of an answer means nothing (a flag of a call that failed, bytes behind a struct's end) is not asked for.</summary>
internal static class CaptureCallReader
{
    /// <summary>Calls that are not compared: known, and taken without their arguments.</summary>
    private static readonly FrozenSet<string> Elsewhere = FrozenSet.ToFrozenSet(
    [
        "KVM_CREATE_DEVICE", "KVM_SET_DEVICE_ATTR",
        "VFIO_DEVICE_BIND_IOMMUFD", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "VFIO_DEVICE_DETACH_IOMMUFD_PT",
        "IOMMU_DESTROY", "IOMMU_GET_HW_INFO", "IOMMU_HWPT_ALLOC", "IOMMU_HWPT_GET_DIRTY_BITMAP", "IOMMU_HWPT_SET_DIRTY_TRACKING",
        "IOMMU_IOAS_ALLOC", "IOMMU_IOAS_ALLOW_IOVAS", "IOMMU_IOAS_CHANGE_PROCESS", "IOMMU_IOAS_COPY", "IOMMU_IOAS_IOVA_RANGES",
        "IOMMU_OPTION", "IOMMU_VFIO_IOAS",
    ]);

    private static readonly FrozenDictionary<string, Func<CaptureNode, bool, IEnumerable<KeyValuePair<string, string>>>> Known =
        new Dictionary<string, Func<CaptureNode, bool, IEnumerable<KeyValuePair<string, string>>>>(StringComparer.Ordinal)
        {
            [VfioUapi.GetApiVersion.Name] = (_, _) => [],
            [VfioUapi.CheckExtension.Name] = (call, _) => [new("arg", call.Field("arg"))],
            [VfioUapi.SetIommu.Name] = (call, _) => [new("arg", call.Field("arg"))],
            [VfioUapi.GroupGetStatus.Name] = (call, ok) => ok ? [new("flags", call.Field("flags"))] : [],
            [VfioUapi.GroupSetContainer.Name] = (call, _) => [new("container", call.Text("container"))],
            [VfioUapi.GroupUnsetContainer.Name] = (_, _) => [],
            [VfioUapi.GroupGetDeviceFd.Name] = (call, _) => [new("name", call.Text("name"))],
            [VfioUapi.IommuGetInfo.Name] = Info,
            [VfioUapi.IommuMapDma.Name] = (call, _) => [.. Range(call), new("vaddr", Hex(call.Hex("host")))],
            [VfioUapi.IommuUnmapDma.Name] = (call, ok) => ok ? [.. Range(call), new("unmapped", Hex(call.Hex("unmapped")))] : Range(call),
            [IommufdUapi.IoasMap.Name] = (call, _) => [new("ioas", call.Field("ioas")), .. Range(call), new("vaddr", Hex(call.Hex("host")))],
            [IommufdUapi.IoasMapFile.Name] = (call, _) => [new("ioas", call.Field("ioas")), .. Range(call), new("file_offset", Hex(call.Hex("file_offset")))],
            [IommufdUapi.IoasUnmap.Name] = (call, ok) => [new("ioas", call.Field("ioas")), .. Extent(call), .. ok ? [new("unmapped", Hex(call.Hex("unmapped")))] : Array.Empty<KeyValuePair<string, string>>()],
        }.ToFrozenDictionary();

    /// <summary>True for the calls of iommufd that are compared: what they map is what devices see; ids and page tables are each VMM's own.</summary>
    public static bool IsMappingOfIommufd(string call) => call.StartsWith("IOMMU_IOAS_", StringComparison.Ordinal) && Known.ContainsKey(call);

    public static CapturedCall Read(CaptureNode call)
    {
        var name = call.Text("call");
        var isElsewhere = Elsewhere.Contains(name);
        if (!isElsewhere && !Known.ContainsKey(name))
        {
            throw call.Wrong("call", $"\"{name}\" is no call that is known here", $"the calls are {string.Join(", ", Known.Keys.Concat(Elsewhere).Order(StringComparer.Ordinal))}");
        }

        var (path, descriptor) = Descriptor(call, "fd", call.Text("fd"));
        var result = call.Number("ret");
        if (result < -1)
        {
            throw call.Wrong("ret", $"{result} is no result of a call", "a call that failed answers -1 and has the key errno");
        }

        var errno = result < 0 ? new Errno(Failure(call)) : Errno.None;
        if (name == VfioUapi.GroupSetContainer.Name)
        {
            Descriptor(call, "container", call.Text("container"));
        }

        return new CapturedCall(name, path, descriptor, result, errno, isElsewhere ? [] : [.. Known[name](call, errno.IsNone)]);
    }

    /// <summary>Splits <c>/dev/vfio/vfio#14</c>.</summary>
    public static (string Path, int Number) Descriptor(string text)
    {
        var mark = text.LastIndexOf('#');
        return mark > 0 && int.TryParse(text.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (text[..mark], number)
            : throw new FormatException($"\"{text}\" is no path#number");
    }

    private static (string Path, int Number) Descriptor(CaptureNode call, string key, string text)
    {
        try
        {
            return Descriptor(text);
        }
        catch (FormatException wrong)
        {
            throw call.Wrong(key, wrong.Message, "write path and number, such as /dev/vfio/vfio#14");
        }
    }

    private static int Failure(CaptureNode call) => call.Number("errno") is > 0 and < 4096 and var errno
        ? (int)errno
        : throw call.Wrong("errno", $"{call.Number("errno")} is no error number", "write one from 1 to 4095");

    private static KeyValuePair<string, string>[] Range(CaptureNode call) => [new("flags", call.Field("flags")), .. Extent(call)];

    private static KeyValuePair<string, string>[] Extent(CaptureNode call) =>
        [new("iova", Hex(call.Hex("iova"))), new("size", Hex(call.Hex("size")))];

    private static IEnumerable<KeyValuePair<string, string>> Info(CaptureNode call, bool ok)
    {
        var asked = StructFields.Of(VfioUapi.IommuGetInfo, call.Bytes("in"));
        var said = ok ? StructFields.Of(VfioUapi.IommuGetInfo, call.Bytes("out")) : [];
        return !asked.TryGetValue("argsz", out var size) ? throw call.Wrong("in", "the struct is cut short", "it has at least 24 bytes")
            : ok && !said.ContainsKey("cap_offset") ? throw call.Wrong("out", "the struct is cut short", "it has at least 24 bytes")
            : Fields(size, said);
    }

    /// <summary>What of VFIO_IOMMU_GET_INFO is compared: the size offered, then the answer.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Fields(string offered, IEnumerable<KeyValuePair<string, string>> answer) =>
        [new("offered", offered), .. answer];

    private static string Hex(ulong value) => $"0x{value:x}";
}
