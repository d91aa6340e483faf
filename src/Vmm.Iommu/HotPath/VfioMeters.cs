using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Vmm.Iommu.HotPath;

/// <summary>
/// What people watch of a VM's containers while it runs, as instruments of <see cref="Meter"/>: one of these for each VM. Containers
/// join when their ring starts and leave when they are closed or their worker is stopped. No time is taken that nobody listens to, and
/// nothing allocated here. A listener is told in the container's turn, and must be quick. <c>docs/metrics.md</c> lists the instruments.
/// </summary>
public sealed class VfioMeters : IDisposable
{
    /// <summary>What a listener subscribes to.</summary>
    public const string MeterName = "Vmm";

    private readonly ConcurrentDictionary<ContainerMeter, bool> _containers = [];
    private readonly Counter<long> _attaches;
    private Exception? _listenerFault;

    /// <summary>Instruments of a meter of their own.</summary>
    /// <param name="vm">The meter's tag <c>vm</c>, which tells the VMs of a process apart; null for none, where there is one.</param>
    /// <param name="factory">Who makes the meter, and ends it; null for one that <see cref="Dispose"/> ends.</param>
    public VfioMeters(string? vm = null, IMeterFactory? factory = null)
    {
        var options = new MeterOptions(MeterName) { Tags = vm is null ? null : [new("vm", vm)] };
        Meter = factory?.Create(options) ?? new Meter(options);
        Meter.CreateObservableUpDownCounter("vfio_dma_maps", () => Observe(container => container.Mappings), "{mapping}", "DMA mappings, dying ones too");
        Meter.CreateObservableUpDownCounter("vfio_dma_bytes", () => Observe(container => container.Bytes), "By", "Bytes that devices reach, dying mappings' too");
        Meter.CreateObservableGauge("vfio_dma_entries_free", () => Observe(container => container.EntriesFree), "{mapping}", "DMA mappings that can still be made, where the kernel says it");
        Meter.CreateObservableGauge("vfio_queue_depth", () => Observe(container => container.Depth), "{request}", "Requests that wait for their turn");
        MapSeconds = Meter.CreateHistogram<double>("vfio_map_seconds", "s", "A map in the container's turn: checks, table and the kernel's call");
        UnmapSeconds = Meter.CreateHistogram<double>("vfio_unmap_seconds", "s", "An unmap in the container's turn; merged ones are one");
        TurnRequests = Meter.CreateHistogram<int>("vfio_turn_requests", "{request}", "Requests executed in one turn");
        _attaches = Meter.CreateCounter<long>("vfio_attach_total", "{attach}", "Attaches of devices by how they ended");
    }

    /// <summary>The meter of the instruments.</summary>
    public Meter Meter { get; }

    /// <summary>The first exception that a listener threw, or null. What it was told of is done all the same.</summary>
    // ORDERING: acquire, the pair of the exchange in Note: the exception is whole.
    public Exception? ListenerFault => Volatile.Read(ref _listenerFault);

    internal Histogram<double> MapSeconds { get; }

    internal Histogram<double> UnmapSeconds { get; }

    internal Histogram<int> TurnRequests { get; }

    /// <summary>Counts an attach that has ended.</summary>
    /// <param name="result">How, in one word of few.</param>
    public void CountAttach(string result)
    {
        try
        {
            _attaches.Add(1, new KeyValuePair<string, object?>("result", result));
        }
        catch (Exception fault)
        {
            Note(fault);
        }
    }

    /// <summary>Ends the meter, unless a factory made it.</summary>
    public void Dispose() => Meter.Dispose();

    internal ContainerMeter Join(ContainerRing ring, ContainerTurn turn)
    {
        var container = new ContainerMeter(this, ring, turn);
        _containers[container] = true;
        return container;
    }

    internal void Leave(ContainerMeter container) => _containers.TryRemove(container, out _);

    // ORDERING: the pair of the read in ListenerFault; the first one stays.
    internal void Note(Exception fault) => Interlocked.CompareExchange(ref _listenerFault, fault, null);

    private IEnumerable<Measurement<long>> Observe(Func<ContainerMeter, long?> what)
    {
        foreach (var (container, _) in _containers)
        {
            if (what(container) is { } value)
            {
                yield return new Measurement<long>(value, container.Tag);
            }
        }
    }
}
