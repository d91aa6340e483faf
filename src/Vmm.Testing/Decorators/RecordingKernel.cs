using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

/// <summary>Hands every call on to another kernel, and keeps it. Thread-safe: calls are kept in the order they were answered.</summary>
public sealed class RecordingKernel : IDevices, IMemory, ISysfs, IUevents
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly HostKernel _inner;
    private readonly TextWriter? _lines;
    private readonly ICallSink? _sink;
    private readonly Lock _gate = new();
    private readonly List<KernelCall> _calls = [];
    private readonly Dictionary<int, string> _paths = [];
    private long _count;

    /// <summary>Records calls to <paramref name="inner"/>.</summary>
    /// <param name="inner">The kernel that answers.</param>
    /// <param name="lines">Where each call goes as a line of JSON; null for nowhere. Stays the caller's.</param>
    public RecordingKernel(HostKernel inner, TextWriter? lines = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _lines = lines;
    }

    /// <summary>Records calls with their bytes, and keeps none itself.</summary>
    internal RecordingKernel(HostKernel inner, ICallSink sink)
        : this(inner) => _sink = sink;

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<KernelCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The sides of the kernel with the recording in front; the name is the inner kernel's. What is read of /proc changes nothing and is not kept.</summary>
    public HostKernel ToHostKernel() => new(_inner.Name, this, this, this, this, _inner.Proc);

    /// <inheritdoc/>
    public SysResult Open(string path)
    {
        _sink?.BeforeCall();
        var result = _inner.Devices.Open(path);
        Keep("open", null, One("path", path), Nothing, result, opened: path);
        return result;
    }

    /// <inheritdoc cref="IDevices.Close"/>
    public SysResult Close(int descriptor) => Ended(descriptor, _inner.Devices.Close);

    /// <inheritdoc/>
    public SysResult CreateEvent()
    {
        _sink?.BeforeCall();
        var result = _inner.Devices.CreateEvent();
        Keep("eventfd", null, Nothing, Nothing, result, opened: "eventfd");
        return result;
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value)
    {
        _sink?.BeforeCall();
        var result = _inner.Devices.Ioctl(descriptor, request, value);
        Keep(request.Name, descriptor, One("arg", $"{value}"), Nothing, result, bytes: _sink is null ? null : new CallBytes(request.Number, request.HasSize));
        return result;
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        _sink?.BeforeCall();
        var bytes = _sink is null ? null : new CallBytes(request.Number, request.HasSize) { Before = argument.ToArray() };
        var before = StructFields.Of(request, argument);
        var result = _inner.Devices.Ioctl(descriptor, request, argument);
        var after = StructFields.Changed(before, StructFields.Of(request, argument));
        Keep(request.Name, descriptor, Resolve(before), after, result, OpenedBy(request, before), bytes is null ? null : bytes with { After = argument.ToArray() });
        return result;
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        _sink?.BeforeCall();
        var bytes = _sink is null
            ? null
            : new CallBytes(request.Number, request.HasSize) { Before = argument.ToArray(), PointerAt = pointerAt, BufferBefore = buffer.ToArray() };
        var before = StructFields.Of(request, argument);
        before["buffer"] = Convert.ToHexStringLower(buffer);
        var result = _inner.Devices.Ioctl(descriptor, request, argument, pointerAt, buffer);
        var after = StructFields.Of(request, argument);
        after["buffer"] = Convert.ToHexStringLower(buffer);
        Keep(
            request.Name,
            descriptor,
            before,
            StructFields.Changed(before, after),
            result,
            bytes: bytes is null ? null : bytes with { After = argument.ToArray(), BufferAfter = buffer.ToArray() });
        return result;
    }

    /// <inheritdoc/>
    public SysResult CreateMemfd(string name, ulong length)
    {
        _sink?.BeforeCall();
        var result = _inner.Memory.CreateMemfd(name, length);
        Keep("memfd_create", null, new(StringComparer.Ordinal) { ["name"] = name, ["length"] = $"0x{length:x}" }, Nothing, result, opened: $"memfd:{name}");
        return result;
    }

    /// <inheritdoc/>
    public SysResult CloseMemfd(int descriptor) => Ended(descriptor, _inner.Memory.CloseMemfd);

    /// <inheritdoc/>
    public SysResult Map(ulong length, MappingProtection protection, MappingSharing sharing, int descriptor, ulong offset)
    {
        _sink?.BeforeCall();
        var result = _inner.Memory.Map(length, protection, sharing, descriptor, offset);
        Keep(
            "mmap",
            descriptor < 0 ? null : descriptor,
            new(StringComparer.Ordinal)
            {
                ["length"] = $"0x{length:x}",
                ["protection"] = $"{protection}",
                ["sharing"] = $"{sharing}",
                ["offset"] = $"0x{offset:x}",
            },
            Nothing,
            result);
        return result;
    }

    /// <inheritdoc/>
    public SysResult Unmap(HostAddress address, ulong length)
    {
        _sink?.BeforeCall();

        // The next mmap can be given the same address: it has to stand behind this call.
        lock (_gate)
        {
            var result = _inner.Memory.Unmap(address, length);
            Keep("munmap", null, new(StringComparer.Ordinal) { ["address"] = $"{address}", ["length"] = $"0x{length:x}" }, Nothing, result);
            return result;
        }
    }

    /// <inheritdoc/>
    public SysResult Populate(HostAddress address, ulong length, bool writable)
    {
        _sink?.BeforeCall();
        var result = _inner.Memory.Populate(address, length, writable);
        Keep(
            "populate",
            null,
            new(StringComparer.Ordinal) { ["address"] = $"{address}", ["length"] = $"0x{length:x}", ["writable"] = writable ? "true" : "false" },
            Nothing,
            result);
        return result;
    }

    /// <inheritdoc/>
    public SysResult<IReadOnlyList<string>> List(string path)
    {
        _sink?.BeforeList(path);
        var result = _inner.Sysfs.List(path);
        Keep("list", null, One("path", path), result.IsOk ? One("names", string.Join(' ', result.Value)) : Nothing, new SysResult(0, result.Errno));
        return result;
    }

    /// <inheritdoc/>
    public SysResult<string> ReadText(string path) => Read("read", path, _inner.Sysfs.ReadText(path));

    /// <inheritdoc/>
    public SysResult<string> ReadLink(string path) => Read("readlink", path, _inner.Sysfs.ReadLink(path));

    /// <inheritdoc/>
    public SysResult WriteText(string path, string text)
    {
        _sink?.BeforeCall();
        var result = _inner.Sysfs.WriteText(path, text);
        Keep("write", null, new(StringComparer.Ordinal) { ["path"] = path, ["text"] = text }, Nothing, result);
        return result;
    }

    /// <inheritdoc/>
    public SysResult Listen()
    {
        var result = _inner.Uevents.Listen();
        Keep("listen", null, Nothing, Nothing, result, opened: "uevent");
        return result;
    }

    /// <inheritdoc/>
    public SysResult Receive(int descriptor, Span<byte> buffer)
    {
        var result = _inner.Uevents.Receive(descriptor, buffer);
        var text = result.IsOk ? System.Text.Encoding.UTF8.GetString(buffer[..(int)result.Value]).Replace('\0', '\n') : "";
        Keep("receive", descriptor, Nothing, result.IsOk ? One("event", text) : Nothing, result);
        return result;
    }

    SysResult IUevents.Close(int descriptor) => Ended(descriptor, _inner.Uevents.Close);

    private static Dictionary<string, string> One(string key, string value) => new(StringComparer.Ordinal) { [key] = value };

    private static string? OpenedBy(IoctlCode request, Dictionary<string, string> before) =>
        request.Name == VfioUapi.GroupGetDeviceFd.Name ? before.GetValueOrDefault("name") : null;

    private SysResult<string> Read(string call, string path, SysResult<string> result)
    {
        Keep(call, null, One("path", path), result.IsOk ? One("text", result.Value) : Nothing, new SysResult(0, result.Errno));
        return result;
    }

    private SysResult Ended(int descriptor, Func<int, SysResult> close)
    {
        _sink?.BeforeCall();

        // The next open can be given the same number: it has to stand behind this call.
        lock (_gate)
        {
            var result = close(descriptor);
            Keep("close", descriptor, Nothing, Nothing, result);
            _paths.Remove(descriptor);
            return result;
        }
    }

    /// <summary>A descriptor inside a struct is shown as what it was opened as.</summary>
    private Dictionary<string, string> Resolve(Dictionary<string, string> fields)
    {
        if (fields.TryGetValue("container", out var number) && int.TryParse(number, out var descriptor))
        {
            fields["container"] = Name(descriptor);
        }

        return fields;
    }

    private string Name(int descriptor)
    {
        lock (_gate)
        {
            return $"{_paths.GetValueOrDefault(descriptor, "")}#{descriptor}";
        }
    }

    private void Keep(
        string call,
        int? descriptor,
        Dictionary<string, string> before,
        Dictionary<string, string> after,
        SysResult result,
        string? opened = null,
        CallBytes? bytes = null)
    {
        lock (_gate)
        {
            if (opened is not null && result.IsOk)
            {
                _paths[result.Descriptor] = opened;
            }

            var kept = new KernelCall(++_count, call, descriptor is { } on ? Name(on) : null, before, after, result.Value, result.Errno) { Bytes = bytes };
            if (_sink is not null)
            {
                _sink.Keep(kept);
                return;
            }

            _calls.Add(kept);
            _lines?.WriteLine(kept.ToJson());
        }
    }
}
