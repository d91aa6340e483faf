using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Recordings;

/// <summary>
/// Makes the calls of a recording again, in order, on the emulated kernel of its host, and compares every answer. Descriptors and
/// addresses are translated; memory is mapped and never touched.
/// </summary>
public sealed class RecordingReplay : IDisposable
{
    private readonly Recording _recording;
    private readonly EmulatedKernel _kernel;
    private readonly ReplayedIoctl _ioctl;
    private readonly ProcessPlaces _places = new();
    private int _calls;
    private int _leftOut;

    private RecordingReplay(Recording recording)
    {
        _recording = recording;
        var host = HostOf(recording.Header.Host, 1);
        var options = RecordedHost.OptionsOf(recording.Header);
        try
        {
            new MachineFacts(host, options).Learn(recording.Lines);
        }
        catch (FormatException wrong)
        {
            throw new RecordingFormatException(recording.File, 0, wrong.Message, "take a file that --record wrote", wrong);
        }

        _kernel = new EmulatedKernel(host, options);
        _ioctl = new ReplayedIoctl(_kernel, _places);
    }

    /// <summary>Replays a recording, to its end or to the first difference.</summary>
    /// <param name="recording">The recording.</param>
    /// <exception cref="RecordingFormatException">Its host cannot be built, or a line is not what it should be.</exception>
    public static RecordingResult Run(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        using var replay = new RecordingReplay(recording);
        return replay.Run();
    }

    /// <summary>Ends the emulated kernel; whatever it still holds goes with it.</summary>
    public void Dispose() => _kernel.Dispose();

    private RecordingResult Run()
    {
        for (var at = 0; at < _recording.Lines.Count; at++)
        {
            var line = _recording.Lines[at];
            try
            {
                if (Make(line, at + 2) is { } answer && !answer.IsEqual)
                {
                    return new RecordingResult(_recording, _calls, _leftOut, new RecordingDifference(
                        at + 2,
                        line.Call.Number,
                        line.Call.Descriptor is { } on ? $"{line.Call.Call} on {on}" : line.Call.Call,
                        line.Call.Before,
                        answer.Recorded,
                        answer.Emulated));
                }
            }
            catch (Exception wrong) when (wrong is FormatException or OverflowException)
            {
                throw new RecordingFormatException(_recording.File, at + 2, wrong.Message, "take a file that --record wrote", wrong);
            }
        }

        return new RecordingResult(_recording, _calls, _leftOut, Difference: null);
    }

    /// <summary>Makes a call; null where it is none, or is left out.</summary>
    private ReplayedAnswer? Make(RecordedLine line, int number)
    {
        switch (line.Call.Call)
        {
            case RecordedLine.HostChanged:
                Follow(line, number);
                return null;
            case RecordedLine.Declared:
                Declare(line);
                return null;
            case RecordedLine.DomainsFail:
                FailDomains(line);
                return null;
            case RecordedLine.Stands:
                Stand(line);
                return null;
            default:
                var answer = IsElsewhere(line) ? null : Answer(line);
                _calls += answer is null ? 0 : 1;
                _leftOut += answer is null ? 1 : 0;
                return answer;
        }
    }

    /// <summary>True for what the emulated kernel has nothing to say of: sysfs and uevents are the host's, other nodes other drivers'.</summary>
    private bool IsElsewhere(RecordedLine line)
    {
        var call = line.Call;
        if (call.Call is "list" or "read" or "readlink" or "receive")
        {
            return true;
        }

        if (call.Call == "listen" || (call.Call == "open" && !IsAnswered(line.Text("path"), call.Errno)))
        {
            if (call.IsOk)
            {
                _places.Open((int)call.Result, new(OpenedBy.Elsewhere, -1));
            }

            return true;
        }

        if (_places[line.Descriptor].Kind != OpenedBy.Elsewhere)
        {
            return false;
        }

        if (call is { Call: "close" })
        {
            _places.Close(line.Descriptor);
        }

        return true;
    }

    /// <summary>Rights on nodes, and modules that were not loaded, are the machine's and not VFIO's.</summary>
    private static bool IsAnswered(string path, Errno errno) =>
        (path == "/dev/iommu" || path.StartsWith("/dev/vfio/", StringComparison.Ordinal))
        && errno != Errno.EACCES
        && !(path is "/dev/iommu" or "/dev/vfio/vfio" && errno == Errno.ENOENT);

    private ReplayedAnswer Answer(RecordedLine line)
    {
        var call = line.Call;
        switch (call.Call)
        {
            case "open":
                return Opened(call, _kernel.Open(line.Text("path")), OpenedBy.Devices);
            case "eventfd":
                return Opened(call, _kernel.CreateEvent(), OpenedBy.Devices);
            case "memfd_create":
                return Opened(call, _kernel.CreateMemfd(line.Text("name"), line.Value("length")), OpenedBy.Memory);
            case "close":
                var closed = _places[line.Descriptor];
                _places.Close(line.Descriptor);
                return ReplayedAnswer.Of(call, closed.Kind == OpenedBy.Memory ? _kernel.CloseMemfd(closed.Number) : _kernel.Close(closed.Number));
            case "mmap":
                return Map(line);
            case "munmap":
                return Unmap(line);
            case "populate":
                return ReplayedAnswer.Of(call, _kernel.Populate(Address(line), line.Value("length"), line.Text("writable") == "true"));
            case "write":
                return ReplayedAnswer.Of(call, _kernel.WriteText(line.Text("path"), line.Text("text")));
            default:
                return _ioctl.Make(line);
        }
    }

    private ReplayedAnswer Opened(KernelCall call, SysResult here, OpenedBy kind)
    {
        if (here.IsOk && call.IsOk)
        {
            _places.Open((int)call.Result, new(kind, here.Descriptor));
        }

        // Numbers of descriptors are each process's own.
        return ReplayedAnswer.OfErrno(call, here.Errno);
    }

    private ReplayedAnswer Map(RecordedLine line)
    {
        var file = line.Descriptor is null ? -1 : _places[line.Descriptor].Number;
        var length = line.Value("length");
        var here = _kernel.Map(length, line.Word<MappingProtection>("protection"), line.Word<MappingSharing>("sharing"), file, line.Value("offset"));
        if (here.IsOk && line.Call.IsOk)
        {
            _places.Map((ulong)line.Call.Result, (ulong)here.Value, (length + 0xfff) & ~0xfffUL);
        }

        return ReplayedAnswer.OfErrno(line.Call, here.Errno);
    }

    private ReplayedAnswer Unmap(RecordedLine line)
    {
        var (recorded, length) = (line.Value("address"), line.Value("length"));
        var here = _kernel.Unmap(Address(line), length);
        if (here.IsOk)
        {
            _places.Unmap(recorded, (length + 0xfff) & ~0xfffUL);
        }

        return ReplayedAnswer.Of(line.Call, here);
    }

    private HostAddress Address(RecordedLine line)
    {
        var recorded = line.Value("address");
        return new HostAddress(_places.AddressOf(recorded) ?? recorded);
    }

    private void Declare(RecordedLine line) => _kernel.Declare(Address(line), line.Value("length"), line.Word<AddressKind>("kind"));

    private void Stand(RecordedLine line)
    {
        var length = line.Value("length");
        if (_kernel.Map(length, MappingProtection.ReadWrite, MappingSharing.Anonymous, -1, 0) is { IsOk: true } here)
        {
            _places.Map(line.Value("address"), (ulong)here.Value, length);
        }
    }

    private void FailDomains(RecordedLine line)
    {
        var name = line.Text("iommu");
        var unit = _kernel.Host.Units.FirstOrDefault(known => known.Name == name) ?? throw new FormatException($"in.iommu: the host has no IOMMU {name}");
        unit.FailDomains(new Errno((int)line.Value("errno")), (int)line.Value("times"));
    }

    private void Follow(RecordedLine line, int number)
    {
        var tree = line.Host ?? throw new FormatException("the host of the line is missing");
        HostFollowing.Bring(_kernel.Host, HostOf(tree, number));
        RecordedHost.SetParameters(_kernel.Options, tree);
    }

    private EmulatedHost HostOf(Emulation.Sysfs.SysfsTree tree, int line)
    {
        try
        {
            return RecordedHost.Load("sysfs", tree);
        }
        catch (HostLoadException wrong)
        {
            throw new RecordingFormatException(_recording.File, line, $"the host cannot be built: {wrong.Message}", "record again as root, with all of sysfs readable", wrong);
        }
    }
}
