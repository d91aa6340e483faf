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
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, double Value, string Tags)> _told = [];

    public VfioMetersTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meters.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
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
        Assert.All(_told.Where(told => told.Instrument.EndsWith("_seconds", StringComparison.Ordinal)), told => Assert.InRange(told.Value, double.Epsilon, 3600));
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
    public void Nothing_is_allocated_for_what_is_listened_to()
    {
        using var meters = new VfioMeters();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meters.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var told = 0;
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => told++);
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => told++);
        listener.Start();
        var ring = new HotSpace().Rings[0];
        var meter = meters.Join(ring);
        Func<ContainerTurn, MapResult> endTurn = EndTurn;
        Turns();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var toldBefore = told;
        Turns();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(300, told - toldBefore);

        // By itself: the ring's container of these tests keeps what it was asked for.
        void Turns()
        {
            for (var number = 0; number < 100; number++)
            {
                meter.EndMap(meter.BeginMap(), MapResult.Ok);
                meter.EndUnmap(meter.BeginUnmap(), MapResult.Ok);
                ring.Run(endTurn);
            }
        }

        MapResult EndTurn(ContainerTurn turn)
        {
            meter.EndTurn(executed: 1, turn);
            return MapResult.Ok;
        }
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
