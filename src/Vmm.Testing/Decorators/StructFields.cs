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
            var value = Width == 8
                ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[Offset..])
                : BinaryPrimitives.ReadUInt32LittleEndian(bytes[Offset..]);
            return IsHex ? $"0x{value:x}" : $"{value}";
        }
    }
}
