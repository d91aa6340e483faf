using System.Diagnostics.Metrics;
using Akka.Actor;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Hosting;

/// <summary>The one VM of a host, from before it starts to after it has stopped: whoever asks early waits.</summary>
/// <param name="options">What the host was told.</param>
/// <param name="discard">The VMM's say over discarding RAM.</param>
/// <param name="meters">Where the host's meters come from, and end with it.</param>
internal sealed class VmmStart(VmmOptions options, IRamDiscard discard, IMeterFactory meters)
{
    private readonly TaskCompletionSource<IVmm> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<HostKernel> _kernel = new(() => MakeKernel(options));
    private readonly Lock _gate = new();
    private Task? _released;

    /// <summary>The kernel.</summary>
    /// <exception cref="VmmConfigException">None was named, or it cannot be made.</exception>
    public HostKernel Kernel => _kernel.Value;

    /// <summary>The actor system that WithVmm was called in; null before.</summary>
    public ActorSystem? System { get; set; }

    /// <summary>The VM once it runs; ends with the reason when it could not be started.</summary>
    public Task<IVmm> Started => _started.Task;

    /// <summary>Starts the actors.</summary>
    /// <exception cref="VmmConfigException">An option cannot be used, or WithVmm was not called.</exception>
    /// <exception cref="IommuException">The node of the backend cannot be opened.</exception>
    public void Start()
    {
        Check(options);
        var system = System ?? throw new VmmConfigException(
            "AddVmmClient found no ActorSystem with Vmm in it; write services.AddAkka(\"name\", akka => akka.WithVmm()) before it, or AddVmm alone");
        var settings = new VmmSettings(Kernel, new IoctlWorkers(), discard)
        {
            CommandTimeout = options.CommandTimeout,
            Mode = options.Mode,
            Backend = options.Backend,
            Populate = options.Populate,
            RingCapacity = options.RingCapacity,
            Meters = new VfioMeters(factory: meters),
        };
        CheckNode(settings);
        _started.SetResult(VmmClient.Create(system, settings));
    }

    /// <summary>Tells whoever waits for the VM why there is none.</summary>
    public void Fail(Exception reason)
    {
        _started.TrySetException(reason);

        // The host ends with the reason; that nobody waits for it here is no second fault.
        _ = _started.Task.Exception;
    }

    /// <summary>Releases everything, once; later calls end with the first.</summary>
    public Task ReleaseAsync()
    {
        lock (_gate)
        {
            return _released ??= _started.Task.IsCompletedSuccessfully ? ReleaseAsync(_started.Task) : Task.CompletedTask;
        }
    }

    private static async Task ReleaseAsync(Task<IVmm> started) => await (await started).DisposeAsync();

    private static HostKernel MakeKernel(VmmOptions options)
    {
        if (options.KernelSource is { } source)
        {
            var kernel = source();
            return options.Kernel is null || options.Kernel == kernel.Name
                ? kernel
                : throw new VmmConfigException($"kernel: '{options.Kernel}' is configured, but the {kernel.Name} kernel is the one in use; make them the same");
        }

        throw new VmmConfigException(options.Kernel switch
        {
            null => "no kernel is named; write AddVmm(o => o.UseLinuxKernel()), or o.UseEmulatedKernel(host) of Vmm.Testing",
            "linux" => "kernel: linux needs AddVmm(o => o.UseLinuxKernel())",
            _ => $"kernel: {options.Kernel} needs AddVmm(o => o.UseEmulatedKernel(host)) of Vmm.Testing",
        });
    }

    /// <summary>A host without the backend is found here and not by the first attach.</summary>
    private static void CheckNode(VmmSettings settings)
    {
        var (devices, node) = (settings.Kernel.Devices, settings.BackendNode);
        var opened = devices.Open(node);
        if (!opened.IsOk)
        {
            throw new IommuException("open", node, opened.Errno, VfioCures.Open(node, opened.Errno));
        }

        devices.Close(opened.Descriptor);
    }

    /// <summary>Options set in code pass the checks of those that are read from a file.</summary>
    private static void Check(VmmOptions options)
    {
        var copy = new VmmOptions();
        Check("commandTimeout", options.CommandTimeout.ToString("c"));
        Check("stopTimeout", options.StopTimeout.ToString("c"));
        Check("ringCapacity", $"{options.RingCapacity}");
        Check("rescanDelay", options.RescanDelay.ToString("c"));

        void Check(string name, string value)
        {
            if (VmmOptionKeys.Find(name)!.Set(copy, value) is { } wrong)
            {
                throw new VmmConfigException($"{name}: {wrong}");
            }
        }
    }
}
