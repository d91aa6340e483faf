using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>VFIO_IOMMU_GET_INFO: the fixed part, then the chain MIGRATION, DMA_AVAIL, IOVA_RANGE where the kernel has it.</summary>
internal static class Type1Info
{
    private const int Minimum = 16;
    private const int Fixed = 24;
    private const int MigrationSize = 32;
    private const int AvailableSize = 16;
    private const int RangeHeader = 16;
    private const int RangeSize = 16;
    private const ulong MaximumBitmap = 1UL << 28;

    public static SysResult Answer(Type1Model backend, IoctlArgument argument)
    {
        if (argument.Bytes.Length < Minimum)
        {
            return Errno.EFAULT;
        }

        var claimed = argument.UInt32(0);
        if (claimed < Minimum)
        {
            return Errno.EINVAL;
        }

        if (!backend.Linux.HasInfoCapabilities)
        {
            // KERNEL: page sizes were all that there was; what lies behind them is not written.
            argument.Put(4, VfioUapi.InfoPageSizes);
            argument.Put(8, backend.PageSizeBitmap);
            return SysResult.Ok;
        }

        var ranges = backend.ValidIovas.Ranges;
        var needed = (uint)(Fixed + MigrationSize + AvailableSize + (ranges.Count == 0 ? 0 : RangeHeader + (ranges.Count * RangeSize)));
        var isWhole = claimed >= needed;

        // KERNEL: a buffer that is too short is no error; the size that is needed stands in argsz.
        argument.Bytes[Minimum..(int)Math.Clamp(claimed, Minimum, Fixed)].Clear();
        argument.Put(0, isWhole ? claimed : needed);
        argument.Put(4, VfioUapi.InfoPageSizes | VfioUapi.InfoCaps);
        argument.Put(8, backend.PageSizeBitmap);
        if (isWhole)
        {
            argument.Put(16, (uint)Fixed);
            WriteChain(backend, argument.Bytes[..(int)needed]);
        }

        return SysResult.Ok;
    }

    private static void WriteChain(Type1Model backend, Span<byte> buffer)
    {
        var ranges = backend.ValidIovas.Ranges;
        var smallest = backend.PageSizeBitmap & (~backend.PageSizeBitmap + 1);
        buffer[Fixed..].Clear();

        var at = Fixed;
        Header(buffer, at, VfioUapi.CapMigration, at + MigrationSize);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[(at + 16)..], smallest);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[(at + 24)..], MaximumBitmap);

        at += MigrationSize;
        Header(buffer, at, VfioUapi.CapDmaAvail, ranges.Count == 0 ? 0 : at + AvailableSize);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[(at + 8)..], backend.Available);
        if (ranges.Count == 0)
        {
            return;
        }

        at += AvailableSize;
        Header(buffer, at, VfioUapi.CapIovaRange, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[(at + 8)..], (uint)ranges.Count);
        for (var index = 0; index < ranges.Count; index++)
        {
            var here = buffer[(at + RangeHeader + (index * RangeSize))..];
            BinaryPrimitives.WriteUInt64LittleEndian(here, ranges[index].Start.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(here[8..], ranges[index].Last.Value);
        }
    }

    private static void Header(Span<byte> buffer, int at, ushort id, int next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[at..], id);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[(at + 2)..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[(at + 4)..], (uint)next);
    }
}
