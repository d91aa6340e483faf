using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on a container with a type1 backend.</summary>
internal static class Type1Operations
{
    private const int Room = 256;

    /// <summary>Larger bitmaps are never handed over; their pointer is a bad address.</summary>
    private const ulong LargestBitmap = 1 << 16;

    /// <summary>Where the pointer to the bitmap stands, in both structs that carry one.</summary>
    private const int BitmapPointerAt = 40;

    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All = new Dictionary<string, Func<Side, Operation, Outcome>>
    {
        ["info"] = Info,
        ["map"] = Map,
        ["unmap"] = Unmap,
        ["dirty"] = Dirty,
    };

    private static Outcome Info(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room).Put(0, (uint)operation["argsz"]);
        return bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.IommuGetInfo, operation["bad"]));
    }

    private static Outcome Map(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room)
            .Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"])
            .Put(8, side.Address(operation["memory"], operation["offset"], operation["size"]))
            .Put(16, operation["iova"]).Put(24, operation["size"]);
        var result = bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.IommuMapDma, operation["bad"]);
        return bytes.Outcome(result, 8);
    }

    private static Outcome Unmap(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room)
            .Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"])
            .Put(8, operation["iova"]).Put(16, operation["size"])
            .Put(24, operation["page"]).Put(32, operation["bitmap"]).Put(40, operation["pointer"]);
        return (operation["flags"] & VfioUapi.UnmapGetDirtyBitmap) == 0
            ? bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.IommuUnmapDma, operation["bad"]))
            : WithBitmap(side, operation, VfioUapi.IommuUnmapDma, bytes);
    }

    private static Outcome Dirty(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room)
            .Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"])
            .Put(8, operation["iova"]).Put(16, operation["size"])
            .Put(24, operation["page"]).Put(32, operation["bitmap"]).Put(40, operation["pointer"]);
        return (operation["flags"] & VfioUapi.DirtyGetBitmap) == 0
            ? bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.IommuDirtyPages, operation["bad"]))
            : WithBitmap(side, operation, VfioUapi.IommuDirtyPages, bytes);
    }

    /// <summary>
    /// A call whose struct points to a bitmap. The kernel writes no more than the bitmap's claimed size, which is checked
    /// against the range first; so a claim beyond the room goes out with a bad address.
    /// </summary>
    private static Outcome WithBitmap(Side side, Operation operation, IoctlCode code, CallBytes bytes)
    {
        var descriptor = side.Descriptor(operation.HandleOf("on"));
        if (operation["bad"] != 0 || operation["pointer"] != 0 || operation["bitmap"] > LargestBitmap)
        {
            bytes.Put(BitmapPointerAt, operation["pointer"] == 0 ? 0x1000 : operation["pointer"]);
            return bytes.Outcome(bytes.Call(side.Devices, descriptor, code, operation["bad"]));
        }

        var bitmap = new byte[(int)operation["bitmap"] + sizeof(ulong)];
        bitmap.AsSpan().Fill((byte)operation["fill"]);
        var result = side.Devices.Ioctl(descriptor, code, bytes.Span, BitmapPointerAt, bitmap);
        return new Outcome(result.Errno, result.Value, [.. bytes.Span, .. bitmap]);
    }

}
