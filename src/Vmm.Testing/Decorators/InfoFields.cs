using System.Buffers.Binary;
using System.Globalization;
using Vmm.Iommu.Kernel;

namespace Vmm.Testing.Decorators;

/// <summary>Names what the capabilities of VFIO_IOMMU_GET_INFO say.</summary>
internal static class InfoFields
{
    private const int FixedSize = 24;
    private const int HeaderSize = 8;
    private const int RangesAt = 16;
    private const int RangeSize = 16;

    /// <summary>The ids in the chain's order, then each known capability; nothing where there is no chain, and its fault where it lies.</summary>
    /// <param name="answer">The whole buffer.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(ReadOnlySpan<byte> answer)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var first = answer.Length < FixedSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(answer[16..]);
        if (first == 0)
        {
            return fields;
        }

        var chain = CapabilityChain.Walk(answer, first, FixedSize);
        if (chain.Fault is not null)
        {
            return [new("capabilities", chain.Fault)];
        }

        fields.Add(new("capabilities", string.Join(',', chain.Links.Select(link => link.Id))));
        foreach (var link in chain.Links)
        {
            var bytes = link.In(answer);
            switch (link.Id)
            {
                case VfioUapi.CapMigration when bytes.Length >= 32:
                    fields.Add(new("migration_flags", $"{BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderSize..])}"));
                    fields.Add(new("migration_pgsizes", $"0x{BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]):x}"));
                    fields.Add(new("max_dirty_bitmap", $"0x{BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]):x}"));
                    break;
                case VfioUapi.CapDmaAvail when bytes.Length >= HeaderSize + sizeof(uint):
                    fields.Add(new("avail", BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderSize..]).ToString(CultureInfo.InvariantCulture)));
                    break;
                case VfioUapi.CapIovaRange when bytes.Length >= RangesAt:
                    fields.Add(new("iova_ranges", Ranges(bytes)));
                    break;
            }
        }

        return fields;
    }

    private static string Ranges(ReadOnlySpan<byte> capability)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(capability[HeaderSize..]);
        if (count > (uint)(capability.Length - RangesAt) / RangeSize)
        {
            return $"{count} ranges in {capability.Length} bytes";
        }

        var ranges = new List<string>();
        for (var at = RangesAt; ranges.Count < count; at += RangeSize)
        {
            ranges.Add($"0x{BinaryPrimitives.ReadUInt64LittleEndian(capability[at..]):x}-0x{BinaryPrimitives.ReadUInt64LittleEndian(capability[(at + 8)..]):x}");
        }

        return string.Join(' ', ranges);
    }
}
