using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>Requests of a type1 container to an iommufd: they mean its compat IOAS.</summary>
internal static class CompatRequests
{
    private const int MapSize = 32;
    private const int UnmapSize = 24;

    public static SysResult Answer(IommufdContext context, uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.GetApiVersion.Number => SysResult.Of(VfioUapi.ApiVersion),
        _ when request == VfioUapi.CheckExtension.Number => CheckExtension(context, argument.Value),
        _ when request == VfioUapi.SetIommu.Number => SetIommu(context, argument.Value),
        _ when request == VfioUapi.IommuGetInfo.Number => CompatInfo.Answer(context, argument),
        _ when request == VfioUapi.IommuMapDma.Number => Map(context, argument),
        _ when request == VfioUapi.IommuUnmapDma.Number => Unmap(context, argument),
        _ => Errno.ENOTTY,
    };

    private static SysResult CheckExtension(IommufdContext context, ulong extension)
    {
        switch (extension)
        {
            case VfioUapi.Type1 or VfioUapi.Type1V2 or VfioUapi.UnmapAll:
                return SysResult.Of(context.IsNoIommu ? 0 : 1);

            // KERNEL: the code is there, and that is all that is asked.
            case VfioUapi.NoIommu:
                return SysResult.Of(1);
            case VfioUapi.DmaCacheCoherent:
                return context.Compat is not { } ioas
                    ? Errno.ENODEV
                    : SysResult.Of(ioas.PageTables.TrueForAll(table => table.Unit.EnforcesCoherency) ? 1 : 0);
            default:
                return SysResult.Ok;
        }
    }

    private static SysResult SetIommu(IommufdContext context, ulong type)
    {
        if (type == VfioUapi.NoIommu)
        {
            return !context.Kernel.Options.HasRawIo ? Errno.EPERM : context.IsNoIommu ? SysResult.Ok : Errno.EINVAL;
        }

        if (type is not (VfioUapi.Type1 or VfioUapi.Type1V2) || context.IsNoIommu)
        {
            return Errno.EINVAL;
        }

        return context.Compat is not { } ioas ? Errno.ENODEV
            : type == VfioUapi.Type1 ? ioas.Model.SetHugePages(false)
            : Errno.None;
    }

    private static Errno Map(IommufdContext context, IoctlArgument argument)
    {
        if (argument.Bytes.Length < MapSize)
        {
            return Errno.EFAULT;
        }

        var flags = argument.UInt32(4);
        if (argument.UInt32(0) < MapSize || (flags & ~(VfioUapi.MapRead | VfioUapi.MapWrite)) != 0)
        {
            return Errno.EINVAL;
        }

        if (context.Compat is not { } ioas)
        {
            return Errno.ENODEV;
        }

        var access = IommufdUapi.MapFixedIova
            | ((flags & VfioUapi.MapRead) != 0 ? IommufdUapi.MapReadable : 0)
            | ((flags & VfioUapi.MapWrite) != 0 ? IommufdUapi.MapWriteable : 0);
        return MapCommands.MapProcess(context, ioas, access, argument.UInt64(8), argument.UInt64(24), argument.UInt64(16), out _);
    }

    private static Errno Unmap(IommufdContext context, IoctlArgument argument)
    {
        if (argument.Bytes.Length < UnmapSize)
        {
            return Errno.EFAULT;
        }

        var flags = argument.UInt32(4);
        if (argument.UInt32(0) < UnmapSize || (flags & ~VfioUapi.UnmapFlagAll) != 0)
        {
            return Errno.EINVAL;
        }

        if (context.Compat is not { } ioas)
        {
            return Errno.ENODEV;
        }

        var (iova, size) = (argument.UInt64(8), argument.UInt64(16));
        var isAll = flags != 0;
        var refused = isAll ? (iova | size) != 0 ? Errno.EINVAL : Errno.None : Cut(ioas.Model, iova, size);
        if (!refused.IsNone)
        {
            return refused;
        }

        var outcome = isAll ? ioas.Model.UnmapAll(out var unmapped) : ioas.Model.Unmap(iova, size, out unmapped);

        // KERNEL: what was unmapped is told on success and on failure; nothing there is a success here.
        argument.Put(16, unmapped);
        return outcome;
    }

    /// <summary>KERNEL: without huge pages any part of a mapping can be taken out, as type1 does; with them only whole ones.</summary>
    private static Errno Cut(IoasModel ioas, ulong iova, ulong size)
    {
        if (ioas.HasHugePages)
        {
            return Errno.None;
        }

        var refused = ioas.CutAfter(unchecked(iova + size - 1));
        return !refused.IsNone || iova == 0 ? refused : ioas.CutAfter(iova - 1);
    }
}
