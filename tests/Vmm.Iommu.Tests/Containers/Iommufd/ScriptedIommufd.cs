using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Tests.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Containers.Iommufd;

/// <summary>
/// An iommufd that agrees to everything unless told otherwise, and knows who is attached to what. Each object gets the lowest free id,
/// devices are numbered by themselves. Each call is noted as a word and the ids in it.
/// </summary>
internal sealed class ScriptedIommufd
{
    private readonly Dictionary<int, uint> _attached = [];
    private readonly HashSet<uint> _ids = [];
    private readonly Dictionary<uint, uint> _ioasOf = [];
    private uint _lastDevice;

    public ScriptedIommufd()
    {
        Answer(IommufdUapi.IoasChangeProcess, _ => SysResult.Ok, "");
        Answer(VfioUapi.DeviceBindIommufd, argument => Give(argument[12..], ++_lastDevice), "bind");
        Answer(IommufdUapi.IoasAlloc, argument => Give(argument[8..]), "ioas");
        Answer(IommufdUapi.GetHwInfo, GetHwInfo, "info {8}");
        Answer(IommufdUapi.HwptAlloc, Table, "table flags {4} for {8} on {12}");
        Answer(IommufdUapi.IoasIovaRanges, _ => SysResult.Ok, "ranges {4}");
        Answer(IommufdUapi.IoasMap, _ => SysResult.Ok, "map {8}");
        Answer(IommufdUapi.IoasMapFile, _ => SysResult.Ok, "map file {12} at {16} in {8}");
        Answer(IommufdUapi.IoasUnmap, _ => SysResult.Ok, "unmap {4}");
        Answer(IommufdUapi.IoasCopy, _ => SysResult.Ok, "copy {12} to {8}");
        Answer(IommufdUapi.IoasAllowIovas, _ => SysResult.Ok, "allow {4}");
        Answer(IommufdUapi.Option, _ => SysResult.Ok, "option {4}");
        Answer(IommufdUapi.HwptSetDirtyTracking, _ => SysResult.Ok, "track {8} {4}");
        Answer(IommufdUapi.HwptGetDirtyBitmap, _ => SysResult.Ok, "bitmap {4} flags {8}");
        Answer(IommufdUapi.Destroy, Destroy, "destroy {4}");
        Devices.BufferAnswers[IommufdUapi.IoasIovaRanges] = Ranges;
        Devices.Answers[VfioUapi.DeviceAttachIommufdPt] = Attach;
        Devices.Answers[VfioUapi.DeviceDetachIommufdPt] = Detach;
        Assert.True(IommufdContext.TryOpen(Devices, out var context, out _));
        Context = context;
        Calls.Clear();
    }

    public ScriptedDevices Devices { get; } = new();

    public IommufdContext Context { get; }

    public List<string> Calls { get; } = [];

    public ulong Capabilities { get; set; }

    public ulong Alignment { get; set; } = 0x1000;

    public IReadOnlyList<(ulong Start, ulong Last)> Windows { get; set; } = [(0, 0xfedf_ffff), (0xfef0_0000, 0xffff_ffff_ffff)];

    /// <summary>Errnos of attaches, by the id that is attached to.</summary>
    public Dictionary<uint, Errno> AttachErrnos { get; } = [];

    /// <summary>What an attach of an id claims to have attached to.</summary>
    public Dictionary<uint, uint> AttachLies { get; } = [];

    public Errno DetachErrno { get; set; }

    /// <summary>IOASes and page tables that are there.</summary>
    public IEnumerable<uint> Objects => _ids.Order();

    /// <summary>A device that is bound, with what was noted thrown away.</summary>
    public IommufdDevice Device(string name, int group, bool isMediated = false)
    {
        var host = Host(name, group, isMediated);
        Assert.True(IommufdDevice.TryOpen(Devices, Context, host, token: null, out var device, out var refusal), refusal?.ToString());
        Calls.Clear();
        return device;
    }

    public IommufdContainer Container(IommufdDevice first, bool mapsByFile = true)
    {
        Assert.True(IommufdContainer.TryOpen(Devices, first, out var container, out var refusal, mapsByFile), refusal?.ToString());
        Calls.Clear();
        return container;
    }

    public static HostDevice Host(string name, int group, bool isMediated = false) => new()
    {
        Name = name,
        Bus = isMediated ? "mdev" : "pci",
        Path = $"devices/{name}",
        Group = new IommuGroupId(group),
        Driver = "vfio-pci",
        VfioDevice = "vfio3",
    };

    /// <summary>Makes a request answer an errno.</summary>
    public void Fail(IoctlCode request, Errno errno) => Answer(request, _ => errno, request.Name);

    /// <summary>Makes a request answer what is given; ids in braces are read at their offsets.</summary>
    public void Answer(IoctlCode request, ScriptedAnswer answer, string note) => Devices.Answers[request] = (_, argument) =>
    {
        Note(note, argument);
        return answer(argument);
    };

    public delegate SysResult ScriptedAnswer(Span<byte> argument);

    private void Note(string note, ReadOnlySpan<byte> argument)
    {
        var parts = note.Split('{', '}');
        for (var i = 1; i < parts.Length; i += 2)
        {
            parts[i] = BinaryPrimitives.ReadUInt32LittleEndian(argument[int.Parse(parts[i], null)..]).ToString();
        }

        Calls.Add(string.Concat(parts));
    }

    private SysResult Give(Span<byte> at)
    {
        var id = 1u;
        while (_ids.Contains(id) || _attached.ContainsValue(id))
        {
            id++;
        }

        _ids.Add(id);
        return Give(at, id);
    }

    private static SysResult Give(Span<byte> at, uint id)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, id);
        return SysResult.Ok;
    }

    private SysResult Table(Span<byte> argument)
    {
        var given = Give(argument[16..]);
        _ioasOf[BinaryPrimitives.ReadUInt32LittleEndian(argument[16..])] = BinaryPrimitives.ReadUInt32LittleEndian(argument[12..]);
        return given;
    }

    private SysResult GetHwInfo(Span<byte> argument)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(argument[12..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(argument[32..], Capabilities);
        return SysResult.Ok;
    }

    private SysResult Ranges(int descriptor, Span<byte> argument, Span<byte> buffer)
    {
        Note("ranges {4}", argument);
        BinaryPrimitives.WriteUInt32LittleEndian(argument[8..], (uint)Windows.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(argument[24..], Alignment);
        var entries = MemoryMarshal.Cast<byte, IommufdUapi.IovaRangeEntry>(buffer);
        for (var i = 0; i < entries.Length && i < Windows.Count; i++)
        {
            entries[i] = new() { Start = Windows[i].Start, Last = Windows[i].Last };
        }

        return entries.Length < Windows.Count ? Errno.EMSGSIZE : SysResult.Ok;
    }

    private SysResult Attach(int descriptor, Span<byte> argument)
    {
        Note("attach {8}", argument);
        var id = BinaryPrimitives.ReadUInt32LittleEndian(argument[8..]);
        if (AttachErrnos.TryGetValue(id, out var errno))
        {
            return errno;
        }

        _attached[descriptor] = id;
        BinaryPrimitives.WriteUInt32LittleEndian(argument[8..], AttachLies.GetValueOrDefault(id, id));
        return SysResult.Ok;
    }

    private SysResult Detach(int descriptor, Span<byte> argument)
    {
        Note("detach", argument);
        if (DetachErrno.IsNone)
        {
            _attached.Remove(descriptor);
        }

        return DetachErrno.IsNone ? SysResult.Ok : DetachErrno;
    }

    private SysResult Destroy(Span<byte> argument)
    {
        var id = BinaryPrimitives.ReadUInt32LittleEndian(argument[4..]);
        if (_attached.ContainsValue(id) || _ioasOf.ContainsValue(id))
        {
            return Errno.EBUSY;
        }

        _ioasOf.Remove(id);
        return _ids.Remove(id) ? SysResult.Ok : Errno.ENOENT;
    }
}
