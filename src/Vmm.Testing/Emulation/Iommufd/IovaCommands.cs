using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>IOMMU_IOAS_IOVA_RANGES and IOMMU_IOAS_ALLOW_IOVAS.</summary>
internal static class IovaCommands
{
    private const int EntrySize = 16;
    private const int PointerAt = 16;

    public static Errno Ranges(IommufdCommand command)
    {
        if (command.UInt32(12) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (command.Context.Objects.Find<IoasObject>(command.UInt32(4)) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        var windows = ioas.Model.Windows;
        var room = command.UInt32(8);
        var buffer = command.Buffer(PointerAt);
        for (var index = 0; index < windows.Count && (uint)index < room; index++)
        {
            if (buffer.Length < (index + 1) * EntrySize)
            {
                return Errno.EFAULT;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(buffer[(index * EntrySize)..], windows[index].Start.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(buffer[((index * EntrySize) + 8)..], windows[index].Last.Value);
        }

        // KERNEL: a list that is too short is filled, and the call fails with everything else written.
        command.Put(8, (uint)windows.Count);
        command.Put(24, ioas.Model.Alignment);
        command.Respond();
        return (uint)windows.Count > room ? Errno.EMSGSIZE : Errno.None;
    }

    public static Errno Allow(IommufdCommand command)
    {
        if (command.UInt32(12) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (command.Context.Objects.Find<IoasObject>(command.UInt32(4)) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        var ranges = new List<IovaRange>();
        var buffer = command.Buffer(PointerAt);
        for (var index = 0L; index < command.UInt32(8); index++)
        {
            if (buffer.Length < (index + 1) * EntrySize)
            {
                return Errno.EFAULT;
            }

            var start = BinaryPrimitives.ReadUInt64LittleEndian(buffer[(int)(index * EntrySize)..]);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(buffer[(int)((index * EntrySize) + 8)..]);
            if (start >= last || ranges.Exists(IovaRange.FromBounds(start, last).Overlaps))
            {
                return Errno.EINVAL;
            }

            ranges.Add(IovaRange.FromBounds(start, last));
        }

        return ioas.Model.Allow(ranges);
    }
}
