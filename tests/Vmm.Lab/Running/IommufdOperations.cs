using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on /dev/iommu. Ids are compared as they are: the kernel gives the lowest free one.</summary>
internal static class IommufdOperations
{
    private const int Room = 128;

    /// <summary>Ranges and bitmaps that a call's pointer leads to.</summary>
    private const int BufferRoom = 1024;

    private const uint First = 0x3b80;

    /// <summary>Where FAULT_QUEUE_ALLOC answers a descriptor.</summary>
    private const int FaultDescriptorAt = 12;

    private static readonly IommufdShape[] Shapes =
    [
        new("destroy", IommufdUapi.Destroy, [new("id", 4)]),
        new("ioas-alloc", IommufdUapi.IoasAlloc, [new("flags", 4), new("out", 8)]),
        new("ioas-ranges", IommufdUapi.IoasIovaRanges, [new("ioas", 4), new("count", 8), new("reserved", 12), new("out", 24, 8)], PointerAt: 16),
        new("ioas-allow", IommufdUapi.IoasAllowIovas, [new("ioas", 4), new("count", 8), new("reserved", 12)], PointerAt: 16),
        new("ioas-map", IommufdUapi.IoasMap, [new("flags", 4), new("ioas", 8), new("reserved", 12), new("length", 24, 8), new("iova", 32, 8)], MemoryAt: 16),
        new("ioas-map-file", IommufdUapi.IoasMapFile, [new("flags", 4), new("ioas", 8), new("start", 16, 8), new("length", 24, 8), new("iova", 32, 8)], FileAt: 12),
        new("ioas-copy", IommufdUapi.IoasCopy, [new("flags", 4), new("to", 8), new("ioas", 12), new("length", 16, 8), new("iova", 24, 8), new("from", 32, 8)]),
        new("ioas-unmap", IommufdUapi.IoasUnmap, [new("ioas", 4), new("iova", 8, 8), new("length", 16, 8)]),
        new("option", IommufdUapi.Option, [new("option", 4), new("op", 8, 2), new("reserved", 10, 2), new("id", 12), new("value", 16, 8)]),
        new("hwpt-alloc", IommufdUapi.HwptAlloc, [new("flags", 4), new("device", 8), new("pt", 12), new("out", 16), new("reserved", 20), new("type", 24), new("length", 28), new("pointer", 32, 8), new("fault", 40), new("reserved2", 44)]),
        new("hw-info", IommufdUapi.GetHwInfo, [new("flags", 4), new("device", 8), new("length", 12), new("pointer", 16, 8), new("type", 24), new("out", 28), new("out2", 32, 8)]),
        new("dirty-tracking", IommufdUapi.HwptSetDirtyTracking, [new("flags", 4), new("hwpt", 8), new("reserved", 12)]),
        new("dirty-bitmap", IommufdUapi.HwptGetDirtyBitmap, [new("hwpt", 4), new("flags", 8), new("reserved", 12), new("iova", 16, 8), new("length", 24, 8), new("page", 32, 8)], PointerAt: 40),
        new("vfio-ioas", IommufdUapi.VfioIoas, [new("ioas", 4), new("op", 8, 2), new("reserved", 10, 2)]),
        new("change-process", IommufdUapi.IoasChangeProcess, [new("reserved", 4)]),
        new("invalidate", Number(13), [new("hwpt", 4), new("type", 16), new("entry", 20), new("count", 24), new("reserved", 28)], PointerAt: 8),
        new("viommu-alloc", Number(16), [new("flags", 4), new("type", 8), new("device", 12), new("hwpt", 16), new("out", 20), new("length", 24), new("reserved", 28), new("pointer", 32, 8)]),
        new("vdevice-alloc", Number(17), [new("viommu", 4), new("device", 8), new("out", 12), new("id", 16, 8)]),
        new("veventq-alloc", Number(19), [new("flags", 4), new("viommu", 8), new("type", 12), new("depth", 16), new("out", 20), new("file", 24), new("reserved", 28)]),
        new("hw-queue-alloc", Number(20), [new("flags", 4), new("viommu", 8), new("type", 12), new("index", 16), new("out", 20), new("iova", 24, 8), new("length", 32, 8)]),
    ];

    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All =
        new Dictionary<string, Func<Side, Operation, Outcome>>(
            Shapes.Select(shape => KeyValuePair.Create(shape.Name, new Func<Side, Operation, Outcome>((side, operation) => Call(side, operation, shape)))))
        {
            ["fault-queue"] = AllocateFaultQueue,
        };

    /// <summary>A request that nothing above the fence makes.</summary>
    private static IoctlCode Number(uint number) => new(First + number, "IOMMU", HasSize: true);

    private static Outcome Call(Side side, Operation operation, IommufdShape shape)
    {
        // KERNEL: what lies behind the struct must be zero.
        var bytes = new CallBytes(Room, (byte)operation["tail"]).Put(0, (uint)operation["size"]);
        foreach (var field in shape.Fields)
        {
            field.Write(bytes, operation[field.Name]);
        }

        if (shape.FileAt is { } file)
        {
            bytes.Put(file, (uint)side.Descriptor(operation.HandleOf("with")));
        }

        if (shape.MemoryAt is { } memory)
        {
            bytes.Put(memory, side.Address(operation["memory"], operation["offset"], operation["length"]));
        }

        var descriptor = side.Descriptor(operation.HandleOf("on"));
        var outcome = shape.PointerAt is { } at && operation["bad"] == 0 && operation["pointer"] == 0
            ? WithBuffer(side.Devices, descriptor, operation, shape.Code, bytes, at)
            : bytes.Outcome(CallPlain(side.Devices, descriptor, operation, shape, bytes), shape.MemoryAt is { } address ? [address] : []);
        if (shape.FileAt is { } number)
        {
            bytes.Put(number, 0u);
            if (outcome.Errno.IsNone && operation.HandleOf("with").Kind != HandleKind.File)
            {
                side.HoldsFiles(operation.HandleOf("on"));
            }
        }

        return outcome;
    }

    /// <summary>The queue's descriptor goes into a slot.</summary>
    private static Outcome AllocateFaultQueue(Side side, Operation operation)
    {
        var kept = operation.HandleOf("with");
        if (side.IsOpen(kept) || kept.Kind != HandleKind.Event)
        {
            return Outcome.Skipped;
        }

        var bytes = new CallBytes(Room, (byte)operation["tail"]).Put(0, (uint)operation["size"]).Put(4, (uint)operation["flags"]).Put(8, 0UL);
        var result = bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), Number(14), operation["bad"]);
        if (result.IsOk)
        {
            side.Keep(kept, SysResult.Of(bytes.UInt32(FaultDescriptorAt)));
            bytes.Put(FaultDescriptorAt, 0u);
        }

        return bytes.Outcome(result);
    }

    private static SysResult CallPlain(IDevices devices, int descriptor, Operation operation, IommufdShape shape, CallBytes bytes)
    {
        if (shape.PointerAt is { } at)
        {
            bytes.Put(at, operation["pointer"]);
        }

        return bytes.Call(devices, descriptor, shape.Code, operation["bad"]);
    }

    /// <summary>The buffer begins with two ranges, which is what ALLOW_IOVAS reads; the others write over it.</summary>
    private static Outcome WithBuffer(IDevices devices, int descriptor, Operation operation, IoctlCode code, CallBytes bytes, int pointerAt)
    {
        var buffer = new CallBytes(BufferRoom, 0)
            .Put(0, operation["start"]).Put(8, operation["last"]).Put(16, operation["start2"]).Put(24, operation["last2"]);
        var result = devices.Ioctl(descriptor, code, bytes.Span, pointerAt, buffer.Span);
        return new Outcome(result.Errno, result.Value, [.. bytes.Span, .. buffer.Span]);
    }
}
