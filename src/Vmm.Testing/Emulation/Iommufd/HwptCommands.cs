using System.Numerics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>IOMMU_HWPT_ALLOC, SET_DIRTY_TRACKING and GET_DIRTY_BITMAP.</summary>
internal static class HwptCommands
{
    private const int BitmapPointerAt = 40;
    private const uint KnownFlags =
        IommufdUapi.HwptNestParent | IommufdUapi.HwptDirtyTracking | IommufdUapi.HwptFaultIdValid | IommufdUapi.HwptPasid;

    public static Errno Allocate(IommufdCommand command)
    {
        if (command.UInt32(20) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        var hasData = command.UInt32(28) != 0;
        if ((command.UInt32(24) != IommufdUapi.HwptDataNone) != hasData)
        {
            return Errno.EINVAL;
        }

        if (command.Context.Objects.Find<DeviceObject>(command.UInt32(8)) is not { } device)
        {
            return Errno.ENOENT;
        }

        // KERNEL: an id that is none is EINVAL here, as one of the wrong kind is.
        return command.Context.Objects.Find<IommufdObject>(command.UInt32(12)) switch
        {
            IoasObject ioas => AllocatePaging(command, device, ioas, hasData),
            HwptObject => RefuseNested(command.UInt32(4), device, hasData),
            _ => Errno.EINVAL,
        };
    }

    public static Errno SetTracking(IommufdCommand command)
    {
        var flags = command.UInt32(4);
        if ((flags & ~IommufdUapi.DirtyTrackingEnable) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (command.Context.Objects.Find<HwptObject>(command.UInt32(8)) is not { } table)
        {
            return Errno.ENOENT;
        }

        if (!table.TracksDirty)
        {
            return Errno.EOPNOTSUPP;
        }

        table.Track(flags != 0);
        return Errno.None;
    }

    public static Errno GetDirty(IommufdCommand command)
    {
        if ((command.UInt32(8) & ~IommufdUapi.DirtyBitmapNoClear) != 0 || command.UInt32(12) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (command.Context.Objects.Find<HwptObject>(command.UInt32(4)) is not { } table)
        {
            return Errno.ENOENT;
        }

        var (iova, length, page) = (command.UInt64(16), command.UInt64(24), command.UInt64(32));
        var last = unchecked(iova + (length - 1));
        if (unchecked(length - 1) > ulong.MaxValue - iova)
        {
            return Errno.EOVERFLOW;
        }

        var mask = table.Ioas.Model.Alignment - 1;
        if (((iova | unchecked(last + 1)) & mask) != 0
            || page == 0
            || ((iova | unchecked(last + 1)) & (page - 1)) != 0)
        {
            return Errno.EINVAL;
        }

        if (!table.TracksDirty)
        {
            return Errno.EOPNOTSUPP;
        }

        // KERNEL: what goes wrong from here on is not told: holes, and a bitmap that cannot be written.
        if (iova <= last)
        {
            var clears = (command.UInt32(8) & IommufdUapi.DirtyBitmapNoClear) == 0;
            Mark(table.Dirty(IovaRange.FromBounds(iova, last), clears), iova, page, command.Buffer(BitmapPointerAt));
        }

        return Errno.None;
    }

    /// <summary>Sets bits and clears none.</summary>
    private static void Mark(IReadOnlyList<ulong> dirty, ulong iova, ulong page, Span<byte> bitmap)
    {
        foreach (var address in dirty)
        {
            var bit = (address - iova) >> BitOperations.Log2(page);
            if (bit / 8 < (ulong)bitmap.Length)
            {
                bitmap[(int)(bit / 8)] |= (byte)(1 << (int)(bit % 8));
            }
        }
    }

    private static Errno AllocatePaging(IommufdCommand command, DeviceObject device, IoasObject ioas, bool hasData)
    {
        var flags = command.UInt32(4);
        var tracks = (flags & IommufdUapi.HwptDirtyTracking) != 0;
        if ((flags & ~KnownFlags) != 0
            || (tracks && !device.Group.Unit.TracksDirty)
            || (flags & (IommufdUapi.HwptNestParent | IommufdUapi.HwptFaultIdValid)) == (IommufdUapi.HwptNestParent | IommufdUapi.HwptFaultIdValid)
            || hasData
            || (flags & IommufdUapi.HwptNestParent) != 0
            || ((flags & IommufdUapi.HwptPasid) != 0 && device.Group.Unit.Kind != IommuKind.VtD))
        {
            return Errno.EOPNOTSUPP;
        }

        var made = command.Context.NewTable(ioas, device.Group.Unit, tracks);
        if (!made.IsOk)
        {
            return made.Errno;
        }

        if ((flags & IommufdUapi.HwptFaultIdValid) != 0)
        {
            // KERNEL: the table is made, and every page pinned, before the queue is looked for.
            if (command.Context.Objects.Find<FaultQueueObject>(command.UInt32(40)) is not { } faults)
            {
                command.Context.Objects.Destroy(made.Value.Id);
                return Errno.ENOENT;
            }

            made.Value.Faults = faults;
            faults.Users++;
        }

        command.Put(16, made.Value.Id);
        command.Respond();
        return Errno.None;
    }

    /// <summary>No IOMMU of the emulated hosts nests, so no table is the parent of another.</summary>
    private static Errno RefuseNested(uint flags, DeviceObject device, bool hasData) =>
        (flags & ~(IommufdUapi.HwptFaultIdValid | IommufdUapi.HwptPasid)) != 0 || !hasData || device.Group.Unit.Kind == IommuKind.AmdVi
            ? Errno.EOPNOTSUPP
            : Errno.EINVAL;
}
