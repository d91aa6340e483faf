using System.Buffers.Binary;
using Vmm.Contract.Hosts;
using Vmm.Iommu.Kernel;

namespace Vmm.Contract.Stories;

/// <summary>The calls of an open device: what it has, its interrupts, its resets.</summary>
public sealed partial class StoryRun
{
    private const int IrqHeader = 20;
    private const int HotResetHeader = 12;
    private const int DependentSize = 8;

    private static readonly string[] Interrupts = ["intx", "msi", "msix", "err", "req"];

    /// <summary>Null for a verb that is none of a device.</summary>
    private string? PlayDevice(StoryLine line) => line.Verb switch
    {
        "device-info" => DeviceInfo(line),
        "irq-info" => InterruptInfo(line),
        "irqs" => SetInterrupts(line),
        "signals" => EventCounter.Take(Descriptor(line)),
        "reset" => Say(VfioCalls.DeviceReset(Devices, Descriptor(line))),
        "hot-reset-info" => HotResetInfo(line),
        "hot-reset" => HotReset(line),
        _ => null,
    };

    /// <summary>The answer: flags, then the numbers of regions and interrupt indexes.</summary>
    private string DeviceInfo(StoryLine line)
    {
        var info = VfioCalls.DeviceGetInfo(Devices, Descriptor(line));
        return info.IsOk ? $"0x{info.Value.Flags:x} {info.Value.Regions} {info.Value.Interrupts}" : info.Errno.Name;
    }

    /// <summary>The answer: flags, then the number of vectors.</summary>
    private string InterruptInfo(StoryLine line)
    {
        var bytes = Struct(line, 16, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Index(line));
        var answer = Devices.Ioctl(Descriptor(line), VfioUapi.DeviceGetIrqInfo, bytes);
        return answer.IsOk ? $"0x{U32(bytes, 4):x} {U32(bytes, 12)}" : answer.Errno.Name;
    }

    /// <summary><c>events=</c> and <c>bools=</c> are data; without either there are none. <c>do=</c> is the action; two are joined by a +.</summary>
    private string SetInterrupts(StoryLine line)
    {
        var events = Items(line, "events");
        var bools = Items(line, "bools");
        var kind = events is not null ? VfioUapi.IrqDataEventfd : bools is not null ? VfioUapi.IrqDataBool : VfioUapi.IrqDataNone;
        var bytes = new byte[Math.Max(IrqHeader + ((events?.Length ?? 0) * sizeof(int)) + (bools?.Length ?? 0), (int)Option(line, "argsz", "0"))];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Option(line, "argsz", $"{bytes.Length}"));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)Option(line, "flags", $"{kind | Actions(line)}"));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Index(line));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)Option(line, "start", "0"));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), (uint)Option(line, "count", $"{(events ?? bools)?.Length ?? 1}"));
        for (var at = 0; at < events?.Length; at++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(IrqHeader + (at * sizeof(int))), EventOf(events[at]));
        }

        for (var at = 0; at < bools?.Length; at++)
        {
            bytes[IrqHeader + at] = byte.Parse(bools[at]);
        }

        return Say(Devices.Ioctl(Descriptor(line), VfioUapi.DeviceSetIrqs, bytes));
    }

    /// <summary>The answer: how many devices a hot reset resets, then the flags, then the roles of those that have one; <c>room=</c> is for so many.</summary>
    private string HotResetInfo(StoryLine line)
    {
        var bytes = Struct(line, HotResetHeader + ((int)Option(line, "room", "8") * DependentSize), 0);
        var answer = Devices.Ioctl(Descriptor(line), VfioUapi.DeviceGetPciHotResetInfo, bytes);
        var said = $"{U32(bytes, 8)} 0x{U32(bytes, 4):x}";
        if (!answer.IsOk)
        {
            return U32(bytes, 8) == 0 ? answer.Errno.Name : $"{answer.Errno.Name} {said}";
        }

        for (var at = HotResetHeader; at < HotResetHeader + ((int)U32(bytes, 8) * DependentSize); at += DependentSize)
        {
            said += $" {RoleAt(bytes.AsSpan(at + 4, 4))}:{OwnerWord((int)U32(bytes, at), (U32(bytes, 4) & VfioUapi.HotResetDeviceIds) != 0)}";
        }

        return said;
    }

    private string OwnerWord(int owner, bool isDevice) =>
        !isDevice ? _descriptors.Keys.FirstOrDefault(name => GroupOf(name) == owner) ?? "group"
        : owner == VfioUapi.DeviceIdNotOwned ? "foreign"
        : owner == VfioUapi.DeviceIdOwned ? "owned"
        : "bound";

    private int GroupOf(string descriptor) => _groups.TryGetValue(descriptor, out var number) ? number : -1;

    private string RoleAt(ReadOnlySpan<byte> place)
    {
        var name = $"{BinaryPrimitives.ReadUInt16LittleEndian(place):x4}:{place[2]:x2}:{place[3] >> 3:x2}.{place[3] & 7}";
        return Enum.GetValues<DeviceRole>().Where(role => host.Has(role) && host.Device(role).Name == name).Select(role => $"{role}").FirstOrDefault(name);
    }

    private string HotReset(StoryLine line)
    {
        var groups = line.Words.Skip(1).Select((_, at) => Descriptor(line, at + 1)).ToList();
        var bytes = Struct(line, HotResetHeader + (groups.Count * sizeof(int)), (uint)Option(line, "flags", "0"));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)Option(line, "count", $"{groups.Count}"));
        for (var at = 0; at < groups.Count; at++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HotResetHeader + (at * sizeof(int))), groups[at]);
        }

        return Say(Devices.Ioctl(Descriptor(line), VfioUapi.DevicePciHotReset, bytes));
    }

    private uint Index(StoryLine line) => Array.IndexOf(Interrupts, line.Words[1]) is >= 0 and var known ? (uint)known : (uint)Number(line.Words[1]);

    private int EventOf(string text) => text.StartsWith('-') ? int.Parse(text) : _descriptors.TryGetValue(text, out var known) ? known : (int)Number(text);

    private static uint Actions(StoryLine line) => line.Options.GetValueOrDefault("do", "")
        .Split('+', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(0u, (flags, word) => flags | word switch
        {
            "mask" => VfioUapi.IrqActionMask,
            "unmask" => VfioUapi.IrqActionUnmask,
            "trigger" => VfioUapi.IrqActionTrigger,
            _ => throw new FormatException($"{line.Place}: '{word}' is no action; write mask, unmask or trigger"),
        });

    private static string[]? Items(StoryLine line, string name) =>
        line.Options.TryGetValue(name, out var text) ? text.Split(',', StringSplitOptions.RemoveEmptyEntries) : null;

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
