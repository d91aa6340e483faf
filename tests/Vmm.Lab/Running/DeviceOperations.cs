using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on device descriptors.</summary>
internal static class DeviceOperations
{
    private const int Room = 256;
    private const int IrqHeader = 20;

    /// <summary>KERNEL: a region's index stands in the upper bits of an offset in the descriptor.</summary>
    private const int OffsetShift = 40;

    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All = new Dictionary<string, Func<Side, Operation, Outcome>>
    {
        ["device-info"] = (side, operation) => Ask(side, operation, VfioUapi.DeviceGetInfo, indexAt: null),
        ["region-info"] = (side, operation) => Ask(side, operation, VfioUapi.DeviceGetRegionInfo, indexAt: 8),
        ["irq-info"] = (side, operation) => Ask(side, operation, VfioUapi.DeviceGetIrqInfo, indexAt: 8),
        ["set-irqs"] = SetIrqs,
        ["reset"] = (side, operation) => Outcome.Of(VfioCalls.DeviceReset(side.Devices, side.Descriptor(operation.HandleOf("on")))),
        ["map-bar"] = MapBar,
        ["unmap-bar"] = (side, operation) => side.UnmapBar((int)operation["slot"]),
    };

    private static Outcome Ask(Side side, Operation operation, IoctlCode code, int? indexAt)
    {
        var bytes = new CallBytes(Room).Put(0, (uint)operation["argsz"]);
        if (indexAt is { } offset)
        {
            bytes.Put(offset, (uint)operation["index"]);
        }

        return bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), code, operation["bad"]));
    }

    /// <summary>The data are eventfds of the slots from <c>event</c> on, or bytes of <c>data</c>; a slot that is not open is -1.</summary>
    private static Outcome SetIrqs(Side side, Operation operation)
    {
        var flags = (uint)operation["flags"];
        var bytes = new CallBytes(Room, 0)
            .Put(0, (uint)operation["argsz"]).Put(4, flags).Put(8, (uint)operation["index"])
            .Put(12, (uint)operation["start"]).Put(16, (uint)operation["count"]);
        for (var at = 0; at < 8; at++)
        {
            if ((flags & VfioUapi.IrqDataEventfd) != 0)
            {
                var handle = operation.HandleOf("with");
                bytes.Put(IrqHeader + (at * sizeof(int)), (uint)side.Descriptor(handle with { Slot = handle.Slot + (at % 2) }));
            }
            else
            {
                bytes.Span[IrqHeader + at] = (byte)(operation["data"] >> at & 1);
            }
        }

        return Outcome.Of(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.DeviceSetIrqs, operation["bad"]));
    }

    private static Outcome MapBar(Side side, Operation operation) => side.MapBar(
        (int)operation["slot"],
        side.Descriptor(operation.HandleOf("on")),
        operation["length"],
        (MappingProtection)(operation["protection"] & 3),
        operation["private"] == 0 ? MappingSharing.Shared : MappingSharing.Private,
        (operation["index"] << OffsetShift) + operation["offset"]);
}
