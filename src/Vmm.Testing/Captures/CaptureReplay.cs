using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Captures;

/// <summary>
/// Gives the views and attaches of a capture to a VMM of our own, on the emulated kernel, and compares what it calls with what
/// QEMU called. Nothing of the capture's calls or outcomes goes in.
/// </summary>
public sealed class CaptureReplay : IDisposable
{
    private readonly Capture _capture;
    private readonly ReplayOptions _options;
    private readonly EmulatedKernel _kernel;
    private readonly CaptureMemory _memory;
    private readonly RecordingKernel _recording;
    private readonly SteppedSystem _stepped = SteppedSystem.Create(0);
    private readonly VmmClient _vmm;
    private readonly CallRoles _roles;
    private readonly CallRoles _capturedRoles;
    private readonly MappingCount _count;
    private readonly MappingCount _capturedCount;
    private readonly List<ReplayedCall> _deferred = [];
    private readonly Dictionary<string, IAddressSpace> _spaces = new(StringComparer.Ordinal);
    private int _seen;

    private CaptureReplay(Capture capture, ReplayOptions options)
    {
        _capture = capture;
        _options = options;
        _kernel = new EmulatedKernel(options.Host);
        _memory = new CaptureMemory(_kernel, capture);
        _recording = new RecordingKernel(_kernel.ToHostKernel());
        _vmm = VmmClient.Create(_stepped.System, new VmmSettings(_recording.ToHostKernel(), _stepped.Workers, new NoRamDiscard())
        {
            Mode = options.Mode,
            Backend = capture.IsIommufd ? BackendChoice.Iommufd : BackendChoice.Type1,
        });
        _roles = new CallRoles(_memory.PlaceOfOurs, _memory.PlaceOfFile);
        _capturedRoles = new CallRoles(_memory.PlaceOfCaptured, (_, _) => null);
        _count = new MappingCount(_memory.IsRam);
        _capturedCount = new MappingCount(_memory.IsRam);
    }

    /// <summary>Replays a capture.</summary>
    /// <param name="capture">The capture; its devices join through the path that it says.</param>
    /// <param name="options">The host, and how.</param>
    /// <exception cref="CaptureFormatException">The host has no such device.</exception>
    public static ReplayResult Run(Capture capture, ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(capture);
        ArgumentNullException.ThrowIfNull(options);
        BindDevices(capture, options.Host);
        using var replay = new CaptureReplay(capture, options);
        return replay.Run();
    }

    /// <summary>Ends the emulated kernel.</summary>
    public void Dispose() => _kernel.Dispose();

    private ReplayResult Run()
    {
        var steps = new List<ReplayStep>();
        foreach (var captured in _capture.Steps)
        {
            var refusal = _stepped.Settle(() => TakeAsync(captured), $"steps[{captured.Index}]");
            var step = Judged(new ReplayStep(captured, CallsSince(), refusal, _stepped.Settle(() => _vmm.GetStateAsync(), "the state of everything").Spaces)
            {
                Expected = [.. captured.Calls.Where(call => call.IsCompared).Select(_capturedRoles.Of)],
            });
            steps.Add(step);
            _options.Observer?.Invoke(step);
            if (step.Difference is not null && _options.Mode == MappingPlanMode.Qemu)
            {
                break;
            }
        }

        return new ReplayResult(_capture, steps, Release());
    }

    private ReplayStep Judged(ReplayStep step)
    {
        var counted = step with { Qemu = _capturedCount.Count(step.Expected), Ours = _count.Count(step.Calls) };
        if (_options.Mode == MappingPlanMode.Steady)
        {
            return step.Refusal is null == (Wanted(step) is null) ? counted : counted with { Difference = OutcomeDifference(step) };
        }

        if (IsDeferred(step.Captured))
        {
            _deferred.AddRange(step.Calls);
            return counted with { IsDeferred = true };
        }

        List<ReplayedCall> ours = [.. _deferred, .. step.Calls];
        _deferred.Clear();
        return counted with { Difference = CallDifference(step, ours) ?? OutcomeDifference(step) };
    }

    /// <summary>Where two spaces change in one transaction, both views stand before the calls of both.</summary>
    private bool IsDeferred(CaptureStep step) => step is CaptureStep.View { Calls.Count: 0 }
        && step.Index + 1 < _capture.Steps.Count
        && _capture.Steps[step.Index + 1] is CaptureStep.View next && next.Space != step.Space;

    private static ReplayDifference? CallDifference(ReplayStep step, List<ReplayedCall> ours)
    {
        for (var at = 0; at < Math.Max(step.Expected.Count, ours.Count); at++)
        {
            var expected = at < step.Expected.Count ? step.Expected[at].ToString() : null;
            var made = at < ours.Count ? ours[at].ToString() : null;
            if (expected != made)
            {
                return new ReplayDifference(step.Captured.Index, $"call {at + 1}", expected, made);
            }
        }

        return null;
    }

    private ReplayDifference? OutcomeDifference(ReplayStep step)
    {
        var expected = Wanted(step) is { } wanted ? RefusalWords.Placed(wanted, _memory.PlaceOfCaptured) : null;
        var ours = step.Refusal is null ? null : RefusalWords.Placed(step.Refusal, _memory.PlaceOfOurs);
        return expected == ours || (expected is not null && ours is not null && RefusalWords.AreEqual(expected, ours))
            ? null
            : new ReplayDifference(step.Captured.Index, "the outcome", Outcome(expected), Outcome(ours));
    }

    /// <summary>The refusal that the capture has; null for a device that was attached, and for a view.</summary>
    private static string? Wanted(ReplayStep step) => (step.Captured as CaptureStep.Attach)?.Refusal;

    private static string Outcome(string? refusal) => refusal is null ? "attached" : $"refused: {refusal}";

    private async Task<string?> TakeAsync(CaptureStep step)
    {
        if (!_spaces.TryGetValue(step.Space, out var space))
        {
            _spaces[step.Space] = space = await _vmm.CreateAddressSpaceAsync(step.Space);
        }

        if (step is CaptureStep.View view)
        {
            await space.CommitViewAsync(_memory.ViewOf(view));
            return null;
        }

        var attach = await space.AttachDeviceAsync(((CaptureStep.Attach)step).Device);
        if (attach.Binding is { } binding)
        {
            _memory.Give(binding.Hardware);
        }

        return attach.Refusal?.Words;
    }

    private List<ReplayedCall> CallsSince()
    {
        var all = _recording.Calls;
        var news = all.Skip(_seen).Select(RecordedCalls.Of).OfType<CapturedCall>().Select(_roles.Of).ToList();
        _seen = all.Count;
        return news;
    }

    private string? Release()
    {
        _stepped.Settle(() => _vmm.DisposeAsync().AsTask(), "the release of everything");
        _stepped.Dispose();
        var leases = _memory.Leases;
        _memory.Retire();
        var census = _kernel.Census();
        return leases > 0 ? $"{census}; {leases} leases" : census.IsEmpty ? null : census.ToString();
    }

    private static void BindDevices(Capture capture, EmulatedHost host)
    {
        foreach (var attach in capture.Steps.OfType<CaptureStep.Attach>().DistinctBy(attach => attach.Device))
        {
            var place = $"steps[{attach.Index}].device";
            if (!host.TryDevice(attach.Device, out var device))
            {
                throw new CaptureFormatException(
                    capture.File, place, $"the host has no device {attach.Device}", $"it has {string.Join(", ", host.Devices.Select(known => known.Name))}");
            }

            // A mediated device has its driver from its making.
            if (PciAddress.TryParse(device.Name, out _) && host.BindToVfio(device.Name) is { IsOk: false } refused)
            {
                throw new CaptureFormatException(capture.File, place, $"{device.Name} cannot be bound to vfio-pci: {refused}", "name a device that can be given away");
            }
        }
    }
}
