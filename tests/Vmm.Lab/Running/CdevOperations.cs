using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on a device's own node: given to an iommufd, attached, replaced, detached.</summary>
internal static class CdevOperations
{
    private const int Room = 128;

    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All = new Dictionary<string, Func<Side, Operation, Outcome>>
    {
        ["bind"] = Bind,
        ["attach"] = Attach,
        ["detach"] = Detach,
    };

    private static Outcome Bind(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room, (byte)operation["tail"])
            .Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"])
            .Put(8, (uint)side.Descriptor(operation.HandleOf("with"))).Put(12, 0u).Put(16, 0UL);
        var result = bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.DeviceBindIommufd, operation["bad"]);
        bytes.Put(8, 0u);
        return bytes.Outcome(result);
    }

    private static Outcome Attach(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room)
            .Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"]).Put(8, (uint)operation["pt"]).Put(12, 0u);
        return bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.DeviceAttachIommufdPt, operation["bad"]));
    }

    private static Outcome Detach(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room).Put(0, (uint)operation["argsz"]).Put(4, (uint)operation["flags"]).Put(8, 0u);
        return bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.DeviceDetachIommufdPt, operation["bad"]));
    }
}
