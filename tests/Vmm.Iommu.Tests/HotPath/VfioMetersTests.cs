using System.Diagnostics.Metrics;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>What a listener of the meter is told.</summary>
public sealed class VfioMetersTests : IDisposable
{
    private readonly VfioMeters _meters = new();
    private readonly MeterListener _listener;
    private readonly List<(string Instrument, double Value, string Tags)> _told = [];

    public VfioMetersTests()
    {
        _listener = Listening(_meters);
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void What_each_container_has_is_told_when_it_is_asked_for()
    {
        var space = new HotSpace(containers: 2, meters: _meters, entriesLeft: 100);
        Assert.True(space.Map(page: 1).IsOk);
        Assert.True(space.Map(page: 4, pages: 2).IsOk);

        Assert.Equal([2, 2], Collected("vfio_dma_maps"));
        Assert.Equal([3 * HotSpace.Page, 3 * HotSpace.Page], Collected("vfio_dma_bytes"));
        Assert.Equal([98, 98], Collected("vfio_dma_entries_free"));
        Assert.Equal(["container=container-0", "container=container-1"], _told.Where(told => told.Instrument == "vfio_dma_maps").Select(told => told.Tags).Order());

        Assert.True(space.Mapper.TryUnmap(HotSpace.At(1)).IsOk);
        Assert.Equal([1, 1], Collected("vfio_dma_maps"));
        Assert.Equal([99, 99], Collected("vfio_dma_entries_free"));
    }

    [Fact]
    public void Entries_that_the_kernel_does_not_count_are_not_told()
    {
        var space = new HotSpace(meters: _meters);
        Assert.True(space.Map(page: 1).IsOk);

        Assert.Empty(Collected("vfio_dma_entries_free"));
        Assert.Equal([1], Collected("vfio_dma_maps"));
    }

    [Fact]
    public async Task Mappings_of_more_bytes_than_can_be_told_are_told_as_the_most()
    {
        var container = new FakeContainer();
        container.Info = container.Info with { Windows = null };
        await using var ring = new ContainerRing(new ContainerTurn(container, container.Group(1), [], container.Info), new ManualWorkers(), "container-1", meters: _meters);
        var huge = RamBlock.FromExisting("huge", new HostAddress(0), 0xffff_ffff_ffff_f000);
        Assert.True(ring.Run(turn => turn.Map(IovaRange.FromLength(0, huge.Length), huge, 0, DmaAccess.ReadWrite)).Value.IsOk);

        Assert.Equal([long.MaxValue], Collected("vfio_dma_bytes"));
    }

    [Fact]
    public void Requests_that_wait_are_told()
    {
        var space = new HotSpace(meters: _meters);
        var batch = space.Mapper.NewBatch();
        batch.PostUnmap(HotSpace.At(1));
        batch.PostUnmap(HotSpace.At(2));

        Assert.Equal([2], Collected("vfio_queue_depth"));
        batch.Flush();
        Assert.Equal([0], Collected("vfio_queue_depth"));
    }

    [Fact]
    public void Every_map_and_unmap_is_told_with_how_it_ended()
    {
        var space = new HotSpace(meters: _meters);
        _told.Clear();
        space.Map(page: 1);
        space.Map(page: 1);
        space.Mapper.TryUnmap(HotSpace.At(1));
        space.Mapper.TryUnmap(HotSpace.At(1));

        Assert.Equal(["container=container-0 result=Ok", "container=container-0 result=Overlaps"], TagsOf("vfio_map_seconds"));
        Assert.Equal(["container=container-0 result=Ok", "container=container-0 result=NotMapped"], TagsOf("vfio_unmap_seconds"));
        Assert.All(_told.Where(told => told.Instrument.EndsWith("_seconds", StringComparison.Ordinal)), told => Assert.InRange(told.Value, 0, 3600));
    }

    [Fact]
    public void Unmaps_that_are_merged_are_one_and_the_turn_is_as_long_as_they_are_many()
    {
        var space = new HotSpace(meters: _meters);
        for (var page = 0UL; page < 8; page++)
        {
            Assert.True(space.Map(page).IsOk);
        }

        _told.Clear();
        var batch = space.Mapper.NewBatch();
        for (var page = 0UL; page < 8; page++)
        {
            batch.PostUnmap(HotSpace.At(page));
        }

        batch.Flush();
        Assert.Single(TagsOf("vfio_unmap_seconds"));
        Assert.Equal([8], Told("vfio_turn_requests"));
    }

    [Fact]
    public void A_container_that_is_closed_is_told_no_more()
    {
        var space = new HotSpace(containers: 2, meters: _meters);
        Assert.True(space.Rings[0].Run(turn => turn.Close()).Value!.IsClosed);

        Collected("vfio_dma_maps");
        Assert.Equal(["container=container-1"], TagsOf("vfio_dma_maps"));
    }

    [Fact]
    public async Task A_container_whose_worker_is_stopped_is_told_no_more()
    {
        var space = new HotSpace(meters: _meters);
        await space.Rings[0].DisposeAsync();

        Assert.Empty(Collected("vfio_dma_maps"));
    }

    [Fact]
    public void Attaches_are_counted_by_how_they_ended()
    {
        _meters.CountAttach("Attached");
        _meters.CountAttach("Conflict");

        Assert.Equal(["result=Attached", "result=Conflict"], TagsOf("vfio_attach_total"));
    }

    [Fact]
    public void A_listener_that_throws_changes_nothing_and_is_shown()
    {
        using var meters = new VfioMeters();
        using var listener = Listening(meters);
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => throw new InvalidOperationException(instrument.Name));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => throw new InvalidOperationException(instrument.Name));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => throw new InvalidOperationException(instrument.Name));
        listener.Start();
        meters.CountAttach("Attached");
        var space = new HotSpace(containers: 2, meters: meters);

        Assert.Equal(MapResult.Ok, space.Map(page: 1));
        Assert.Equal(MapStatus.Overlaps, space.Map(page: 1).Status);
        Assert.Equal(MapResult.Ok, space.Mapper.TryUnmap(HotSpace.At(1)));
        Assert.Empty(space.Mapped(1));
        Assert.Equal(0, space.Ram.Leases);
        Assert.Null(space.Rings[0].CompletionFault);
        Assert.Equal("vfio_attach_total", meters.ListenerFault?.Message);
    }

    [Fact]
    public void A_ring_without_a_worker_is_not_told()
    {
        var container = new FakeContainer();
        Assert.Throws<NotSupportedException>(() => new ContainerRing(new ContainerTurn(container, container.Group(1), [], container.Info), new NoWorkers(), "container-1", meters: _meters));

        Assert.Empty(Collected("vfio_dma_maps"));
    }

    [Fact]
    public async Task Entries_are_told_from_the_opening_on()
    {
        var container = new FakeContainer();
        await using var ring = new ContainerRing(new ContainerTurn(container, container.Group(1), [], container.Info), new ManualWorkers(), "container-1", meters: _meters);

        Assert.Equal([100], Collected("vfio_dma_entries_free"));
    }

    [Fact]
    public void Meters_of_several_virtual_machines_are_told_apart_by_a_tag()
    {
        using var meters = new VfioMeters("guest-2");

        Assert.Equal([new("vm", "guest-2")], meters.Meter.Tags!);
        Assert.Empty(_meters.Meter.Tags ?? []);
    }

    private static MeterListener Listening(VfioMeters meters) => new()
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meters.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };

    private sealed class NoWorkers : IRingWorkers
    {
        public IRingWorker Start(ContainerRing ring, string name) => throw new NotSupportedException();

        public void Populate(RamPopulation population) => throw new NotSupportedException();
    }

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _told.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));

    private double[] Collected(string instrument)
    {
        _told.Clear();
        _listener.RecordObservableInstruments();
        return Told(instrument);
    }

    private double[] Told(string instrument) => [.. _told.Where(told => told.Instrument == instrument).Select(told => told.Value)];

    private string[] TagsOf(string instrument) => [.. _told.Where(told => told.Instrument == instrument).Select(told => told.Tags)];
}
