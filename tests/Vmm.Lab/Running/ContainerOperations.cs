using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on containers, on other plain descriptors, and on what surrounds them.</summary>
internal static class ContainerOperations
{
    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All = new Dictionary<string, Func<Side, Operation, Outcome>>
    {
        ["open"] = Open,
        ["close"] = (side, operation) => side.Close(operation.HandleOf("on")),
        ["api-version"] = (side, operation) =>
            Outcome.Of(VfioCalls.GetApiVersion(side.Devices, side.Descriptor(operation.HandleOf("on")))),
        ["extension"] = (side, operation) =>
            Outcome.Of(side.Devices.Ioctl(side.Descriptor(operation.HandleOf("on")), VfioUapi.CheckExtension, operation["value"])),
        ["set-iommu"] = (side, operation) =>
            Outcome.Of(side.Devices.Ioctl(side.Descriptor(operation.HandleOf("on")), VfioUapi.SetIommu, operation["value"])),
        ["raw"] = Raw,
        ["entry-limit"] = SetEntryLimit,
        ["locked"] = (side, _) => new Outcome(default, side.Limits.LockedPages(), []),
    };

    /// <summary>Opens what a slot of that kind holds; a group's slots go round the machine's groups, a device's round its nodes.</summary>
    private static Outcome Open(Side side, Operation operation)
    {
        var handle = operation.HandleOf("on");
        if (side.IsOpen(handle))
        {
            return Outcome.Skipped;
        }

        var index = (int)(operation["index"] % (ulong)Math.Max(1, side.Shape.Groups.Count));
        return handle.Kind switch
        {
            HandleKind.Container => side.Keep(handle, side.Devices.Open("/dev/vfio/vfio")),
            HandleKind.Group => side.Keep(handle, side.Devices.Open(side.Shape.Groups.Count == 0 ? "/dev/vfio/none" : side.Shape.Groups[index].Node)),
            HandleKind.Device => side.Keep(handle, side.Devices.Open(CharacterDevice(side, operation["index"]))),
            HandleKind.Event => side.Keep(handle, side.Devices.CreateEvent()),
            HandleKind.Iommu => side.Keep(handle, side.Devices.Open("/dev/iommu")),
            HandleKind.File => side.Keep(handle, side.Kernel.Memory.CreateMemfd("vmm-lab", 0x1000 * operation["pages"])),
            _ => Outcome.Skipped,
        };
    }

    /// <summary>
    /// The device's own node as this side's sysfs names it: the numbers follow the order in which drivers were bound, which
    /// a twin that is built in the order of groups does not know.
    /// </summary>
    private static string CharacterDevice(Side side, ulong index)
    {
        const string Absent = "/dev/vfio/devices/none";
        if (side.Shape.Devices.Count == 0)
        {
            return Absent;
        }

        var name = side.Shape.Devices[(int)(index % (ulong)side.Shape.Devices.Count)].Name;
        foreach (var bus in (string[])["pci", "mdev"])
        {
            if (side.Kernel.Sysfs.List($"bus/{bus}/devices/{name}/vfio-dev") is { IsOk: true, Value: [var node, ..] })
            {
                return "/dev/vfio/devices/" + node;
            }
        }

        return Absent;
    }

    /// <summary>Any request number with any number as its argument, which is a bad address for those that want a struct.</summary>
    private static Outcome Raw(Side side, Operation operation)
    {
        var code = new IoctlCode((uint)operation["number"], "raw", HasSize: false);
        return Outcome.Of(side.Devices.Ioctl(side.Descriptor(operation.HandleOf("on")), code, operation["value"]));
    }

    private static Outcome SetEntryLimit(Side side, Operation operation)
    {
        side.Limits.SetEntryLimit((uint)operation["value"]);
        return new Outcome(default, 0, []);
    }
}
