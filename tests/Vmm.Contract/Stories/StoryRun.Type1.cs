using System.Buffers.Binary;
using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Stories;

/// <summary>The calls that carry a struct, byte by byte: a story can say what no caller of ours would.</summary>
public sealed partial class StoryRun
{
    private const int MapSize = 32;
    private const int UnmapSize = 24;

    private string Map(StoryLine line)
    {
        var bytes = Struct(line, MapSize, Flags(line, "rw"));
        Write(bytes, 8, Option(line, "vaddr", "m"));
        Write(bytes, 16, Option(line, "iova", "0"));
        Write(bytes, 24, Option(line, "size", "0x1000"));
        return Say(Devices.Ioctl(Descriptor(line), VfioUapi.IommuMapDma, bytes));
    }

    /// <summary>The answer is the number of bytes that were unmapped.</summary>
    private string Unmap(StoryLine line)
    {
        var bytes = Struct(line, UnmapSize, Flags(line, ""));
        Write(bytes, 8, Option(line, "iova", "0"));
        Write(bytes, 16, Option(line, "size", "0"));
        var wanted = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16));
        var result = Devices.Ioctl(Descriptor(line), VfioUapi.IommuUnmapDma, bytes);
        var written = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16));
        return result.IsOk ? $"0x{written:x}"
            : written == wanted ? result.Errno.Name
            : $"{result.Errno.Name}, and wrote 0x{written:x}";
    }

    private string DirtyPages(StoryLine line) => Say(Devices.Ioctl(Descriptor(line), VfioUapi.IommuDirtyPages, Struct(line, 8, Flags(line, ""))));

    private byte[] Struct(StoryLine line, int size, uint flags)
    {
        var claimed = (uint)Option(line, "argsz", $"{size}");
        var bytes = new byte[Math.Max(size, (int)claimed)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, claimed);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), flags);
        return bytes;
    }

    private ulong Option(StoryLine line, string name, string otherwise) => Number(line.Options.GetValueOrDefault(name, otherwise));

    private uint Flags(StoryLine line, string otherwise) => line.Options.GetValueOrDefault("flags", otherwise) switch
    {
        "rw" => VfioUapi.MapRead | VfioUapi.MapWrite,
        "r" => VfioUapi.MapRead,
        "w" => VfioUapi.MapWrite,
        "all" => VfioUapi.UnmapFlagAll,
        "" => 0,
        var number => (uint)Number(number),
    };

    private static void Write(byte[] bytes, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), value);
}
