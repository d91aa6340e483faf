using System.Buffers.Binary;
using System.Reflection;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Stories;

/// <summary>Calls whose struct a story writes field by field, with sizes, flags and pointers that no caller of ours would give.</summary>
public sealed partial class StoryRun
{
    private const uint ReadWriteCloseOnExec = 0x80002;

    private static readonly Dictionary<string, IoctlCode> Requests = new[] { typeof(VfioUapi), typeof(IommufdUapi) }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Where(field => field.FieldType == typeof(IoctlCode))
        .Select(field => (IoctlCode)field.GetValue(null)!)
        .ToDictionary(code => code.Name);

    /// <summary>Null for a verb that is none of these.</summary>
    private string? PlayRaw(StoryLine line) => line.Verb switch
    {
        "raw" => Raw(line),
        "locked" => Locked(),
        "file" => MakeFile(line.Words[0], Number(line.Words[1])),
        "dma-buf" => Keep(line.Words[0], VfioCalls.DeviceGetDmaBuf(Devices, Descriptor(line, 1), 0, ReadWriteCloseOnExec, [new() { Length = Number(line.Words[2]) }])),
        _ => null,
    };

    /// <summary>
    /// <c>raw DESCRIPTOR REQUEST fields…</c>: numbers of 4 bytes, of 8 with a <c>q:</c> before them, of 2 with <c>h:</c>. <c>ptr</c> is 8 bytes
    /// that point to a buffer, which <c>buffer=</c> fills with numbers of 8 bytes. <c>tail=</c> adds bytes behind the fields.
    /// <c>out=OFFSET,…</c> adds to the answer what stands there afterwards, of 4 bytes or, with a <c>q:</c>, 8; <c>show=</c> the
    /// first numbers of the buffer; <c>keep=NAME@OFFSET</c> gives what stands there a name.
    /// </summary>
    private string Raw(StoryLine line)
    {
        var bytes = new List<byte>();
        var pointerAt = -1;
        foreach (var word in line.Words.Skip(2))
        {
            pointerAt = word == "ptr" ? bytes.Count : pointerAt;
            bytes.AddRange(Field(word));
        }

        bytes.AddRange(Items(line, "tail")?.Select(item => (byte)Number(item)) ?? []);
        var argument = bytes.ToArray();
        var buffer = (Items(line, "buffer") ?? []).SelectMany(item => BitConverter.GetBytes(Number(item))).ToArray();

        // A size that claims more than there is would be refused before the kernel sees it; here the kernel is asked.
        var code = (Requests.TryGetValue(line.Words[1], out var known) ? known : new IoctlCode((uint)Number(line.Words[1]), line.Words[1], HasSize: false)) with { HasSize = false };
        var answer = pointerAt >= 0
            ? Devices.Ioctl(Descriptor(line), code, argument, pointerAt, buffer)
            : Devices.Ioctl(Descriptor(line), code, argument);
        if (answer.IsOk && line.Options.TryGetValue("keep", out var kept))
        {
            _ids[kept.Split('@')[0]] = U32(argument, (int)Number(kept.Split('@')[1]));
        }

        return string.Join(' ', [Say(answer), .. Outs(line, argument), .. Shown(line, buffer)]);
    }

    /// <summary>The answer: pages of 4 KiB that are charged to this process as locked, and those as pinned, since the story began.</summary>
    private string Locked()
    {
        var now = ProcessRights.Read(host.Kernel.Proc);
        return $"{Pages(_before.Locked!.Value, now.Locked!.Value)} {Pages(_before.Pinned!.Value, now.Pinned!.Value)}";
    }

    private static long Pages(ulong before, ulong now) => (long)(now - before) / (long)Page;

    private string MakeFile(string name, ulong pages)
    {
        _files.Add(name);
        return Keep(name, host.Kernel.Memory.CreateMemfd(name, pages * Page));
    }

    private byte[] Field(string word) => word switch
    {
        "ptr" => new byte[sizeof(ulong)],
        _ when word.StartsWith("q:", StringComparison.Ordinal) => BitConverter.GetBytes(Number(word[2..])),
        _ when word.StartsWith("h:", StringComparison.Ordinal) => BitConverter.GetBytes((ushort)Number(word[2..])),
        _ when word.StartsWith('-') => BitConverter.GetBytes(int.Parse(word)),
        _ when _descriptors.TryGetValue(word, out var descriptor) => BitConverter.GetBytes(descriptor),
        _ => BitConverter.GetBytes((uint)Number(word)),
    };

    private IEnumerable<string> Outs(StoryLine line, byte[] argument) => (Items(line, "out") ?? []).Select(item => item.StartsWith("q:", StringComparison.Ordinal)
        ? $"0x{BinaryPrimitives.ReadUInt64LittleEndian(argument.AsSpan((int)Number(item[2..]))):x}"
        : $"0x{U32(argument, (int)Number(item)):x}");

    private IEnumerable<string> Shown(StoryLine line, byte[] buffer) => Enumerable.Range(0, (int)Option(line, "show", "0"))
        .Select(at => $"0x{BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at * sizeof(ulong))):x}");
}
