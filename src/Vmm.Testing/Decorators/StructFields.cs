using System.Buffers.Binary;
using System.Text;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Decorators;

/// <summary>Names the fields of the structs that the fence carries.</summary>
internal static class StructFields
{
    private static readonly Dictionary<string, Field[]> Known = new(StringComparer.Ordinal)
    {
        [VfioUapi.GroupGetStatus.Name] = [new("flags", 4, 4)],
        [VfioUapi.GroupSetContainer.Name] = [new("container", 0, 4)],
        [VfioUapi.DeviceGetInfo.Name] = [new("flags", 4, 4), new("num_regions", 8, 4), new("num_irqs", 12, 4)],
        [VfioUapi.DeviceGetRegionInfo.Name] =
            [new("flags", 4, 4), new("index", 8, 4), new("size", 16, 8, true), new("offset", 24, 8, true)],
        [VfioUapi.DeviceGetIrqInfo.Name] = [new("flags", 4, 4), new("index", 8, 4), new("count", 12, 4)],
        [VfioUapi.DeviceSetIrqs.Name] = [new("flags", 4, 4), new("index", 8, 4), new("start", 12, 4), new("count", 16, 4)],
        [VfioUapi.IommuGetInfo.Name] =
            [new("argsz", 0, 4), new("flags", 4, 4), new("iova_pgsizes", 8, 8, true), new("cap_offset", 16, 4)],
        [VfioUapi.IommuMapDma.Name] =
            [new("flags", 4, 4), new("vaddr", 8, 8, true), new("iova", 16, 8, true), new("size", 24, 8, true)],
        [VfioUapi.IommuUnmapDma.Name] = [new("flags", 4, 4), new("iova", 8, 8, true), new("size", 16, 8, true)],
        [VfioUapi.DeviceBindIommufd.Name] = [new("flags", 4, 4), new("iommufd", 8, 4), new("devid", 12, 4)],
        [VfioUapi.DeviceAttachIommufdPt.Name] = [new("flags", 4, 4), new("pt_id", 8, 4)],
        [VfioUapi.DeviceDetachIommufdPt.Name] = [new("flags", 4, 4)],
        [IommufdUapi.Destroy.Name] = [new("id", 4, 4)],
        [IommufdUapi.IoasAlloc.Name] = [new("flags", 4, 4), new("ioas", 8, 4)],
        [IommufdUapi.IoasIovaRanges.Name] = [new("ioas", 4, 4), new("ranges", 8, 4), new("alignment", 24, 8)],
        [IommufdUapi.IoasAllowIovas.Name] = [new("ioas", 4, 4), new("ranges", 8, 4)],
        [IommufdUapi.IoasCopy.Name] =
            [new("flags", 4, 4), new("ioas", 8, 4), new("source", 12, 4), new("size", 16, 8, true), new("iova", 24, 8, true), new("source_iova", 32, 8, true)],
        [IommufdUapi.IoasMap.Name] =
            [new("flags", 4, 4), new("ioas", 8, 4), new("vaddr", 16, 8, true), new("size", 24, 8, true), new("iova", 32, 8, true)],
        [IommufdUapi.IoasMapFile.Name] =
            [new("flags", 4, 4), new("ioas", 8, 4), new("file", 12, 4), new("file_offset", 16, 8, true), new("size", 24, 8, true), new("iova", 32, 8, true)],
        [IommufdUapi.IoasUnmap.Name] = [new("ioas", 4, 4), new("iova", 8, 8, true), new("size", 16, 8, true)],
        [IommufdUapi.Option.Name] = [new("option", 4, 4), new("op", 8, 2), new("object", 12, 4), new("val", 16, 8, true)],
        [IommufdUapi.HwptAlloc.Name] = [new("flags", 4, 4), new("dev_id", 8, 4), new("pt_id", 12, 4), new("hwpt", 16, 4), new("data_type", 24, 4)],
        [IommufdUapi.GetHwInfo.Name] = [new("flags", 4, 4), new("dev_id", 8, 4), new("data_len", 12, 4), new("data_type", 24, 4)],
        [IommufdUapi.HwptSetDirtyTracking.Name] = [new("flags", 4, 4), new("hwpt", 8, 4)],
        [IommufdUapi.HwptGetDirtyBitmap.Name] =
            [new("hwpt", 4, 4), new("flags", 8, 4), new("iova", 16, 8, true), new("size", 24, 8, true), new("page_size", 32, 8, true)],
        [VfioUapi.IommuDirtyPages.Name] = [new("flags", 4, 4), new("iova", 8, 8, true), new("size", 16, 8, true)],
    };

    /// <summary>The fields of a struct that lie inside the bytes; the bytes in hex where the struct is not known.</summary>
    public static Dictionary<string, string> Of(IoctlCode request, ReadOnlySpan<byte> bytes)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.Name == VfioUapi.GroupGetDeviceFd.Name)
        {
            var end = bytes.IndexOf((byte)0);
            fields["name"] = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
        else if (Known.TryGetValue(request.Name, out var known))
        {
            foreach (var field in known)
            {
                if (field.Offset + field.Width <= bytes.Length)
                {
                    fields[field.Name] = field.Read(bytes);
                }
            }

            foreach (var (name, value) in request.Name == VfioUapi.IommuGetInfo.Name ? InfoFields.Of(bytes) : [])
            {
                fields[name] = value;
            }
        }
        else if (!bytes.IsEmpty)
        {
            fields["bytes"] = Convert.ToHexStringLower(bytes);
        }

        return fields;
    }

    /// <summary>What differs in <paramref name="after"/>.</summary>
    public static Dictionary<string, string> Changed(Dictionary<string, string> before, Dictionary<string, string> after) =>
        after.Where(pair => !before.TryGetValue(pair.Key, out var old) || old != pair.Value)
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private readonly record struct Field(string Name, int Offset, int Width, bool IsHex = false)
    {
        public string Read(ReadOnlySpan<byte> bytes)
        {
            var value = Width switch
            {
                8 => BinaryPrimitives.ReadUInt64LittleEndian(bytes[Offset..]),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[Offset..]),
                _ => BinaryPrimitives.ReadUInt16LittleEndian(bytes[Offset..]),
            };
            return IsHex ? $"0x{value:x}" : $"{value}";
        }
    }
}
