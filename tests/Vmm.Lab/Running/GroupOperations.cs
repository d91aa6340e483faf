using System.Text;
using Vmm.Iommu.Kernel;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Running;

/// <summary>Operations on group descriptors.</summary>
internal static class GroupOperations
{
    /// <summary>Bytes of a name that the kernel reads at most.</summary>
    private const int NamePage = 4096;

    private const int Room = 64;

    /// <summary>The operations by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<Side, Operation, Outcome>> All = new Dictionary<string, Func<Side, Operation, Outcome>>
    {
        ["status"] = Status,
        ["set-container"] = SetContainer,
        ["unset-container"] = (side, operation) =>
            Outcome.Of(VfioCalls.GroupUnsetContainer(side.Devices, side.Descriptor(operation.HandleOf("on")))),
        ["get-device"] = GetDevice,
    };

    private static Outcome Status(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room).Put(0, (uint)operation["argsz"]);
        return bytes.Outcome(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.GroupGetStatus, operation["bad"]));
    }

    private static Outcome SetContainer(Side side, Operation operation)
    {
        var bytes = new CallBytes(Room).Put(0, (uint)side.Descriptor(operation.HandleOf("with")));
        return Outcome.Of(bytes.Call(side.Devices, side.Descriptor(operation.HandleOf("on")), VfioUapi.GroupSetContainer, operation["bad"]));
    }

    /// <summary>Takes a device of the machine by its number, under its name or under one that is not quite it.</summary>
    private static Outcome GetDevice(Side side, Operation operation)
    {
        var kept = operation.HandleOf("with");
        if (side.IsOpen(kept) || kept.Kind != HandleKind.Device)
        {
            return Outcome.Skipped;
        }

        var group = side.Descriptor(operation.HandleOf("on"));
        if (operation["bad"] is not 0 and var address)
        {
            return side.Keep(kept, side.Devices.Ioctl(group, VfioUapi.GroupGetDeviceFd, address));
        }

        return side.Keep(kept, side.Devices.Ioctl(group, VfioUapi.GroupGetDeviceFd, Name(side, operation)));
    }

    private static byte[] Name(Side side, Operation operation)
    {
        var devices = side.Shape.Devices;
        var name = devices.Count == 0 ? "none" : devices[(int)(operation["device"] % (ulong)devices.Count)].Name;
        var text = operation["form"] switch
        {
            0 => name,
            1 => name + " ",
            2 => name + " vf_token=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
            3 => name + " vf_token=nonsense",
            4 => name + "x",
            5 => "",
            6 => name + " nonsense",
            7 => name + " vf_token=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 more",
            8 => new string('a', NamePage - 1),
            9 => new string('a', NamePage),
            10 => name + "  vf_token=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
            11 => " " + name,
            12 => name[..^1],
            13 => name + " vf_token=",
            14 => name + "\t",
            _ => "0000:ff:1f.7",
        };
        return Encoding.UTF8.GetBytes(text.PadRight(text.Length + 8, '\0'));
    }
}
