using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Type1;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>Reads and writes the structs of a type1 container's requests.</summary>
internal static class Type1Ioctls
{
    private const ulong MaximumBitmap = 1UL << 28;

    /// <summary>Where the pointer of a bitmap stands, in both structs that carry one.</summary>
    private const int BitmapPointerAt = 40;

    public static SysResult Answer(Type1Model backend, uint request, IoctlArgument argument) => request switch
    {
        _ when request == VfioUapi.IommuMapDma.Number => Map(backend, argument),
        _ when request == VfioUapi.IommuUnmapDma.Number => Unmap(backend, argument),
        _ when request == VfioUapi.IommuGetInfo.Number => Type1Info.Answer(backend, argument),
        _ when request == VfioUapi.IommuDirtyPages.Number && backend.Linux.LogsDirtyPages => Dirty(backend, argument),
        _ => Errno.ENOTTY,
    };

    private static uint MapFlagsOf(KernelPersonality linux) =>
        VfioUapi.MapRead | VfioUapi.MapWrite | (linux.HasUnmapAll ? VfioUapi.MapVaddr : 0);

    private static uint UnmapFlagsOf(KernelPersonality linux) =>
        (linux.LogsDirtyPages ? VfioUapi.UnmapGetDirtyBitmap : 0) | (linux.HasUnmapAll ? VfioUapi.UnmapFlagAll | VfioUapi.UnmapVaddr : 0);

    private static SysResult Map(Type1Model backend, IoctlArgument argument)
    {
        const int Size = 32;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        var flags = argument.UInt32(4);
        return argument.UInt32(0) < Size || (flags & ~MapFlagsOf(backend.Linux)) != 0
            ? Errno.EINVAL
            : backend.Map(flags, argument.UInt64(8), argument.UInt64(16), argument.UInt64(24));
    }

    private static SysResult Unmap(Type1Model backend, IoctlArgument argument)
    {
        const int Size = 24;
        const int SizeWithBitmap = 48;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        var flags = argument.UInt32(4);
        var wantsBitmap = (flags & VfioUapi.UnmapGetDirtyBitmap) != 0;
        if (argument.UInt32(0) < Size
            || (flags & ~UnmapFlagsOf(backend.Linux)) != 0
            || (wantsBitmap && (flags != VfioUapi.UnmapGetDirtyBitmap || argument.UInt32(0) < SizeWithBitmap)))
        {
            return Errno.EINVAL;
        }

        var size = argument.UInt64(16);
        var bitmapPage = 0UL;
        if (wantsBitmap)
        {
            if (argument.Bytes.Length < SizeWithBitmap)
            {
                return Errno.EFAULT;
            }

            bitmapPage = argument.UInt64(24);
            if (!IsUserMemory(backend, argument) || !FitsBitmap(argument.UInt64(32), size, bitmapPage))
            {
                return Errno.EINVAL;
            }
        }

        var outcome = backend.Unmap(flags, argument.UInt64(8), size, bitmapPage, UserBitmap(argument), out var unmapped);
        if (outcome.IsNone)
        {
            argument.Put(16, unmapped);
        }

        return outcome;
    }

    private static SysResult Dirty(Type1Model backend, IoctlArgument argument)
    {
        if (!backend.IsV2)
        {
            return Errno.EACCES;
        }

        const int Size = 8;
        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        if (argument.UInt32(0) < Size)
        {
            return Errno.EINVAL;
        }

        switch (argument.UInt32(4))
        {
            case VfioUapi.DirtyStart:
                return backend.StartLogging();
            case VfioUapi.DirtyStop:
                backend.StopLogging();
                return SysResult.Ok;
            case VfioUapi.DirtyGetBitmap:
                return GetDirty(backend, argument);
            default:
                return Errno.EINVAL;
        }
    }

    private static SysResult GetDirty(Type1Model backend, IoctlArgument argument)
    {
        const int Size = 48;
        if (argument.UInt32(0) < Size)
        {
            return Errno.EINVAL;
        }

        if (argument.Bytes.Length < Size)
        {
            return Errno.EFAULT;
        }

        var (iova, size, page) = (argument.UInt64(8), argument.UInt64(16), argument.UInt64(24));
        if (size == 0)
        {
            return Errno.EINVAL;
        }

        if (!IovaRange.TryFromLength(iova, size, out var range))
        {
            return backend.Linux.WrapErrno;
        }

        return IsUserMemory(backend, argument) && FitsBitmap(argument.UInt64(32), size, page)
            ? backend.GetDirty(range, page, UserBitmap(argument))
            : Errno.EINVAL;
    }

    private static bool FitsBitmap(ulong bytes, ulong size, ulong page)
    {
        if (page == 0)
        {
            return false;
        }

        var pages = size >> System.Numerics.BitOperations.TrailingZeroCount(page);
        return pages != 0 && bytes != 0 && bytes <= MaximumBitmap && bytes >= DirtyBits.BytesFor(pages);
    }

    /// <summary>True when the bitmap lies below the end of user space; a buffer of the caller does, a raw pointer may not.</summary>
    private static bool IsUserMemory(Type1Model backend, IoctlArgument argument)
    {
        var pointer = argument.PointerAt == BitmapPointerAt ? 0 : argument.UInt64(BitmapPointerAt);
        var bytes = argument.UInt64(32);
        return pointer <= backend.UserSpaceEnd && bytes <= backend.UserSpaceEnd - pointer;
    }

    /// <summary>The caller's bitmap; empty, a bad address, where the pointer was not given as a buffer.</summary>
    private static Span<byte> UserBitmap(IoctlArgument argument) =>
        argument.PointerAt == BitmapPointerAt ? argument.Buffer : default;
}
