using System.Buffers.Binary;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>VFIO_IOMMU_GET_INFO of a compat IOAS: the fixed part, then DMA_AVAIL and IOVA_RANGE.</summary>
internal static class CompatInfo
{
    private const int Minimum = 16;
    private const int Fixed = 24;
    private const int AvailableAt = Fixed;
    private const int AvailableSize = 12;
    private const int RangesAt = 40;
    private const int RangeHeader = 16;
    private const int RangeSize = 16;
    private const ulong PageSize = IoasPages.PageSize;

    public static Errno Answer(IommufdContext context, IoctlArgument argument)
    {
        if (argument.Bytes.Length < Minimum)
        {
            return Errno.EFAULT;
        }

        var claimed = (int)Math.Min(argument.UInt32(0), int.MaxValue);
        if (claimed < Minimum)
        {
            return Errno.EINVAL;
        }

        if (context.Compat is not { Model: var ioas })
        {
            return Errno.ENODEV;
        }

        var windows = ioas.Windows;
        var needed = RangesAt + RangeHeader + (RangeSize * windows.Count);
        WriteCapabilities(argument.Bytes[..claimed], windows);

        Span<byte> header = stackalloc byte[Fixed];
        BinaryPrimitives.WriteInt32LittleEndian(header, needed);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], VfioUapi.InfoPageSizes | VfioUapi.InfoCaps);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], PageSizes(ioas));
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], claimed >= needed ? Fixed : 0);
        header[..Math.Min(claimed, Fixed)].CopyTo(argument.Bytes);
        return Errno.None;
    }

    private static ulong PageSizes(IoasModel ioas)
    {
        var sizes = ioas.Domains.Aggregate(ulong.MaxValue, (sizes, unit) => sizes & unit.PageSizes.Bitmap);
        sizes = (sizes & (PageSize - 1)) != 0 ? (sizes & ~(PageSize - 1)) | PageSize : sizes;
        return Math.Max(sizes, ioas.Alignment);
    }

    /// <summary>KERNEL: each capability, and each range, that has room is written, whether or not the whole chain has.</summary>
    private static void WriteCapabilities(Span<byte> buffer, IReadOnlyList<Iommu.Addressing.IovaRange> windows)
    {
        if (buffer.Length >= AvailableAt + AvailableSize)
        {
            Header(buffer[AvailableAt..], VfioUapi.CapDmaAvail, buffer.Length >= RangesAt ? RangesAt : 0u);
            BinaryPrimitives.WriteUInt32LittleEndian(buffer[(AvailableAt + 8)..], uint.MaxValue);
        }

        for (var index = 0; index < windows.Count; index++)
        {
            var at = RangesAt + RangeHeader + (index * RangeSize);
            if (buffer.Length >= at + RangeSize)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(buffer[at..], windows[index].Start.Value);
                BinaryPrimitives.WriteUInt64LittleEndian(buffer[(at + 8)..], windows[index].Last.Value);
            }
        }

        if (buffer.Length >= RangesAt + RangeHeader + (RangeSize * windows.Count))
        {
            Header(buffer[RangesAt..], VfioUapi.CapIovaRange, 0);
            BinaryPrimitives.WriteInt32LittleEndian(buffer[(RangesAt + 8)..], windows.Count);
            BinaryPrimitives.WriteUInt32LittleEndian(buffer[(RangesAt + 12)..], 0);
        }
    }

    private static void Header(Span<byte> buffer, ushort id, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer, id);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[2..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[4..], next);
    }
}
