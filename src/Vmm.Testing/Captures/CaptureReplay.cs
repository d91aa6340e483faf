using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Topology;
using Vmm.Testing.Decorators;
using Vmm.Testing.Emulation;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Captures;

/// <summary>
/// Gives the views and attaches of a capture to a VMM of our own, on the emulated kernel, and keeps what it calls. Nothing of
/// the capture's calls or outcomes goes in.
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
    private readonly Dictionary<string, IAddressSpace> _spaces = new(StringComparer.Ordinal);
    private int _seen;

    private CaptureReplay(Capture capture, ReplayOptions options)
    {
        _capture = capture;
        _options = options;
        BindDevices();
        _kernel = new EmulatedKernel(options.Host);
        _memory = new CaptureMemory(_kernel, capture);
        _recording = new RecordingKernel(_kernel.ToHostKernel());
        _vmm = VmmClient.Create(_stepped.System, new VmmSettings(_recording.ToHostKernel(), _stepped.Workers, new NoRamDiscard()));
        _roles = new CallRoles(_memory.PlaceOfOurs);
    }

    /// <summary>Replays a capture.</summary>
    /// <param name="capture">The capture; its devices join through the legacy interface.</param>
    /// <param name="options">The host, and how.</param>
    /// <exception cref="CaptureFormatException">The host has no such device.</exception>
    /// <exception cref="ArgumentException">The capture is of iommufd.</exception>
    public static ReplayResult Run(Capture capture, ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(capture);
        ArgumentNullException.ThrowIfNull(options);
        if (capture.IsIommufd)
        {
            throw new ArgumentException($"{capture.File} attaches through iommufd, and only legacy containers (type1) can be replayed.", nameof(capture));
        }

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
            var step = new ReplayStep(captured, CallsSince(), refusal, _stepped.Settle(() => _vmm.GetStateAsync(), "the state of everything").Spaces);
            steps.Add(step);
            _options.Observer?.Invoke(step);
        }

        return new ReplayResult(_capture, steps, Release());
    }

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

        return (await space.AttachDeviceAsync(((CaptureStep.Attach)step).Device)).Refusal?.Words;
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

    private void BindDevices()
    {
        foreach (var attach in _capture.Steps.OfType<CaptureStep.Attach>().DistinctBy(attach => attach.Device))
        {
            var place = $"steps[{attach.Index}].device";
            if (!_options.Host.TryDevice(attach.Device, out var device))
            {
                throw new CaptureFormatException(
                    _capture.File, place, $"the host has no device {attach.Device}", $"it has {string.Join(", ", _options.Host.Devices.Select(known => known.Name))}");
            }

            // A mediated device has its driver from its making.
            if (PciAddress.TryParse(device.Name, out _) && _options.Host.BindToVfio(device.Name) is { IsOk: false } refused)
            {
                throw new CaptureFormatException(_capture.File, place, $"{device.Name} cannot be bound to vfio-pci: {refused}", "name a device that can be given away");
            }
        }
    }
}
