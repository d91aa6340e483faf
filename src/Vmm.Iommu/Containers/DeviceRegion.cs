using System.Buffers.Binary;
using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers;

/// <summary>A region of a device: a BAR, the ROM, configuration space.</summary>
/// <param name="Index">Its number; 0 to 5 are the BARs of a PCI device.</param>
/// <param name="Size">Bytes; 0 where the device has none of that number.</param>
/// <param name="Offset">Where it begins in the device's descriptor, in bytes.</param>
/// <param name="CanRead">True when it may be read.</param>
/// <param name="CanWrite">True when it may be written.</param>
/// <param name="Mappable">The parts that may be mapped into this process, by offset in the region; empty where none may.</param>
public sealed record DeviceRegion(
    uint Index,
    ulong Size,
    ulong Offset,
    bool CanRead,
    bool CanWrite,
    IReadOnlyList<DeviceRegion.Part> Mappable)
{
    private const int FixedSize = 32;
    private const int AreasAt = 16;
    private const int AreaSize = 16;
    private const ushort SparseMmap = 1;

    /// <summary>A part of a region.</summary>
    /// <param name="Offset">Where it begins in the region, in bytes.</param>
    /// <param name="Length">Bytes.</param>
    public readonly record struct Part(ulong Offset, ulong Length);

    /// <summary>A region number that the device has nothing for.</summary>
    /// <param name="index">The number.</param>
    public static DeviceRegion Absent(uint index) => new(index, Size: 0, Offset: 0, CanRead: false, CanWrite: false, []);

    /// <summary>Reads the answer of VFIO_DEVICE_GET_REGION_INFO.</summary>
    /// <param name="answer">The whole buffer: the fixed part, then the capabilities.</param>
    /// <param name="fault">Why it cannot be believed; null where it can.</param>
    /// <returns>The region; null where the answer contradicts itself.</returns>
    public static DeviceRegion? Read(ReadOnlySpan<byte> answer, out string? fault)
    {
        if (answer.Length < FixedSize)
        {
            fault = $"the region's answer has {answer.Length} bytes, not {FixedSize} or more";
            return null;
        }

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(answer[4..]);
        var index = BinaryPrimitives.ReadUInt32LittleEndian(answer[8..]);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(answer[16..]);
        var first = (flags & VfioUapi.RegionCaps) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(answer[12..]) : 0;
        var chain = CapabilityChain.Walk(answer, first, FixedSize);
        fault = chain.Fault;
        var parts = fault is null ? ReadParts(answer, chain, size, ref fault) : [];
        return fault is not null
            ? null
            : new DeviceRegion(
                index,
                size,
                BinaryPrimitives.ReadUInt64LittleEndian(answer[24..]),
                (flags & VfioUapi.RegionRead) != 0,
                (flags & VfioUapi.RegionWrite) != 0,
                (flags & VfioUapi.RegionMmap) != 0 && size != 0 ? parts : []);
    }

    /// <summary>The sparse areas where the kernel lists them, else the whole region.</summary>
    private static List<Part> ReadParts(ReadOnlySpan<byte> answer, CapabilityChain chain, ulong size, ref string? fault)
    {
        if (!chain.TryFind(SparseMmap, out var capability))
        {
            return [new Part(0, size)];
        }

        var bytes = capability.In(answer);
        var count = bytes.Length < AreasAt ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (bytes.Length < AreasAt || count > (uint)(bytes.Length - AreasAt) / AreaSize)
        {
            fault = $"the sparse mmap capability claims {count} areas in {bytes.Length} bytes";
            return [];
        }

        var parts = new List<Part>();
        for (var at = AreasAt; parts.Count < count; at += AreaSize)
        {
            var part = new Part(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 8)..]));
            if (part.Offset > size || part.Length > size - part.Offset)
            {
                fault = $"the mappable area 0x{part.Offset:x}+0x{part.Length:x} is not inside the region's 0x{size:x} bytes";
                return [];
            }

            parts.Add(part);
        }

        return parts;
    }
}
