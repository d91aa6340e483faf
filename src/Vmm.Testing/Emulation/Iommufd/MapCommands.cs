using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>IOMMU_IOAS_MAP, MAP_FILE, COPY and UNMAP.</summary>
internal static class MapCommands
{
    private const uint Access = IommufdUapi.MapReadable | IommufdUapi.MapWriteable;
    private const ulong PageMask = IoasPages.PageSize - 1;
    private const ulong LongestPages = ulong.MaxValue - IoasPages.PageSize;

    public static Errno Map(IommufdCommand command)
    {
        var refused = command.UInt32(12) != 0
            ? Errno.EOPNOTSUPP
            : CheckFlags(command.UInt32(4), command.UInt64(32), command.UInt64(24), command.UInt64(24));
        if (!refused.IsNone)
        {
            return refused;
        }

        if (Ioas(command, 8) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        return MapProcess(command.Context, ioas, command.UInt32(4), command.UInt64(16), command.UInt64(24), command.UInt64(32), out var iova) is { IsNone: false } unmapped
            ? unmapped
            : Placed(command, 32, iova);
    }

    /// <summary>Maps addresses of the process, from the first check after the IOAS' id on.</summary>
    public static Errno MapProcess(
        IommufdContext context, IoasObject ioas, uint flags, ulong address, ulong length, ulong wanted, out ulong iova)
    {
        iova = wanted;
        if (address + length < address)
        {
            return Errno.EOVERFLOW;
        }

        if (length is 0 or > LongestPages)
        {
            return Errno.EINVAL;
        }

        var source = new ProcessPages(context.Kernel.Memory.Book, address & ~PageMask);
        return Add(ioas, context.PagesOf(source, (flags & IommufdUapi.MapWriteable) != 0), address & PageMask, length, flags, ref iova);
    }

    public static Errno MapFile(IommufdCommand command)
    {
        var (flags, start, length, iova) = (command.UInt32(4), command.UInt64(16), command.UInt64(24), command.UInt64(32));
        var refused = CheckFlags(flags, iova, length, length);
        if (!refused.IsNone)
        {
            return refused;
        }

        if (Ioas(command, 8) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        if (length == 0)
        {
            return Errno.EINVAL;
        }

        if (start + (length - 1) < start)
        {
            return Errno.EOVERFLOW;
        }

        var source = OpenFile(command.Context.Kernel, (int)command.UInt32(12), start, length);
        if (!source.IsOk)
        {
            return source.Errno;
        }

        var added = length > LongestPages ? Errno.EINVAL : Add(ioas, command.Context.PagesOf(source.Value, (flags & IommufdUapi.MapWriteable) != 0), start & PageMask, length, flags, ref iova);
        if (!added.IsNone)
        {
            source.Value.Close();
            return added;
        }

        return Placed(command, 32, iova);
    }

    private static SysResult<IPageSource> OpenFile(KernelState kernel, int descriptor, ulong start, ulong length) =>
        kernel.Files[descriptor] is DmaBufFile buffer
            ? DmaBufPages.Open(kernel, buffer, start, length)
            : FilePages.Open(kernel, descriptor, start & ~PageMask);

    public static Errno Copy(IommufdCommand command)
    {
        var (flags, length, iova) = (command.UInt32(4), command.UInt64(16), command.UInt64(24));
        var refused = CheckFlags(flags, iova, length, command.UInt64(32));
        if (!refused.IsNone)
        {
            return refused;
        }

        if (Ioas(command, 12) is not { } source)
        {
            return Errno.ENOENT;
        }

        var pieces = new List<IoasPiece>();
        refused = source.Model.Pieces(command.UInt64(32), length, pieces);
        if (!refused.IsNone)
        {
            return refused;
        }

        if (Ioas(command, 8) is not { } destination)
        {
            return Errno.ENOENT;
        }

        refused = destination.Model.Add(pieces, length, ref iova, AccessOf(flags), IsFixed(flags));
        return refused.IsNone ? Placed(command, 24, iova) : refused;
    }

    public static Errno Unmap(IommufdCommand command)
    {
        if (Ioas(command, 4) is not { } ioas)
        {
            return Errno.ENOENT;
        }

        var (iova, length) = (command.UInt64(8), command.UInt64(16));
        ulong unmapped;
        var outcome = (iova, length) switch
        {
            (0, ulong.MaxValue) => ioas.Model.UnmapAll(out unmapped),
            (ulong.MaxValue, _) or (_, ulong.MaxValue) => Refuse(Errno.EOVERFLOW, out unmapped),
            _ => ioas.Model.Unmap(iova, length, out unmapped),
        };
        if (outcome.IsNone && unmapped == 0 && length != ulong.MaxValue)
        {
            return Errno.ENOENT;
        }

        return outcome.IsNone ? Placed(command, 16, unmapped) : outcome;
    }

    private static Errno Refuse(Errno errno, out ulong unmapped)
    {
        unmapped = 0;
        return errno;
    }

    /// <summary>KERNEL: an IOVA of 2^64-1 is refused even where it is only a place for the answer.</summary>
    private static Errno CheckFlags(uint flags, ulong iova, ulong length, ulong third) =>
        (flags & ~(Access | IommufdUapi.MapFixedIova)) != 0 ? Errno.EOPNOTSUPP
        : iova == ulong.MaxValue || length == ulong.MaxValue || third == ulong.MaxValue ? Errno.EOVERFLOW
        : (flags & Access) == 0 ? Errno.EINVAL
        : Errno.None;

    private static IoasObject? Ioas(IommufdCommand command, int idAt) => command.Context.Objects.Find<IoasObject>(command.UInt32(idAt));

    private static bool IsFixed(uint flags) => (flags & IommufdUapi.MapFixedIova) != 0;

    private static DmaAccess AccessOf(uint flags) =>
        ((flags & IommufdUapi.MapReadable) != 0 ? DmaAccess.Read : DmaAccess.None)
        | ((flags & IommufdUapi.MapWriteable) != 0 ? DmaAccess.Write : DmaAccess.None);

    private static Errno Add(IoasObject ioas, IoasPages pages, ulong startByte, ulong length, uint flags, ref ulong iova) =>
        ioas.Model.Add([new IoasPiece(pages, startByte, length)], length, ref iova, AccessOf(flags), IsFixed(flags));

    private static Errno Placed(IommufdCommand command, int offset, ulong value)
    {
        command.Put(offset, value);
        command.Respond();
        return Errno.None;
    }
}
