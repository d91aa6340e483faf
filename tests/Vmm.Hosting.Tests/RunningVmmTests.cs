using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vmm.Actors.Client;
using Vmm.Actors.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Testing.Emulation;

namespace Vmm.Hosting.Tests;

public sealed class RunningVmmTests : IAsyncLifetime, IDisposable
{
    private const string Device = "0000:01:00.0";

    private readonly EmulatedKernel _kernel = new(EmulatedHost.Load("configs/hosts/q35-vtd.tar.gz"));
    private readonly IHost _host;
    private readonly RamBlock _ram;

    public RunningVmmTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddVmm(o => o.UseEmulatedKernel(_kernel).RescanDelay = TimeSpan.Zero);
        _host = builder.Build();
        _ram = RamBlock.Allocate(_kernel, "pc.ram", 16 << 20);
    }

    private IVmm Vmm => _host.Services.GetRequiredService<IVmm>();

    public Task InitializeAsync() => _host.StartAsync();

    [Fact]
    public async Task Stopping_the_host_releases_devices_mappings_and_descriptors_nobody_detached()
    {
        await AttachAsync();
        Assert.Equal((1, 1, 1), (_kernel.Census().Devices, _kernel.Census().AttachedGroups, _kernel.Census().Mappings.Count));

        await _host.StopAsync();

        _ram.Retire();
        Assert.Equal("nothing", _kernel.Census().ToString());
    }

    [Fact]
    public async Task A_uevent_has_the_host_scanned_and_the_change_is_published()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var events = Vmm.WatchHostAsync(cancellationToken: limit.Token).GetAsyncEnumerator(limit.Token);
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<HostProtocol.TopologySnapshot>(events.Current);

        _kernel.Host.BindToVfio(Device);

        GroupChangeOf changed;
        do
        {
            Assert.True(await events.MoveNextAsync());
            changed = events.Current is HostProtocol.GroupChanged change ? new(change.Device, change.Driver) : new("", null);
        }
        while (changed.Device != Device);
        Assert.Equal("vfio-pci", changed.Driver);
    }

    [Fact]
    public async Task Attach_view_and_detach_each_have_a_span_with_space_container_and_outcome()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == VmmActivity.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        var binding = await AttachAsync("spans");
        await binding.DetachAsync();

        var mine = spans.Where(span => Equals(span.GetTagItem("address_space"), "spans")).ToList();
        Assert.Equal(["view.commit", "attach", "detach"], mine.Select(span => span.OperationName));
        Assert.Equal(["committed", "attached", "detached"], mine.Select(span => span.GetTagItem("outcome")));
        Assert.Equal([null, binding.Container, binding.Container], mine.Select(span => span.GetTagItem("container")));
        Assert.Equal([null, Device, Device], mine.Select(span => span.GetTagItem("device")));
    }

    [Fact]
    public async Task A_refusal_is_a_value_and_its_span_says_refused()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == VmmActivity.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var space = await Vmm.CreateAddressSpaceAsync("refused");

        var outcome = await space.AttachDeviceAsync("0000:00:05.0");

        Assert.False(outcome.IsAttached);
        Assert.Contains("group 2 is not viable", outcome.Refusal.Words, StringComparison.Ordinal);
        var span = Assert.Single(spans, span => Equals(span.GetTagItem("address_space"), "refused"));
        Assert.Equal(("attach", "refused"), (span.OperationName, span.GetTagItem("outcome")));
    }

    [Fact]
    public async Task The_meter_of_the_host_tells_attaches_and_what_the_container_has()
    {
        var told = new ConcurrentQueue<(string Instrument, long Value, object? Tag)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == VfioMeters.MeterName && instrument.Meter.Scope == _host.Services.GetRequiredService<IMeterFactory>())
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => told.Enqueue((instrument.Name, value, tags[0].Value)));
        listener.Start();

        var binding = await AttachAsync();
        var refused = await (await Vmm.CreateAddressSpaceAsync("other")).AttachDeviceAsync(Device);

        // A turn that comes after the attach's has ended: what that left is told.
        var state = await Vmm.GetStateAsync();
        listener.RecordObservableInstruments();

        Assert.False(refused.IsAttached);
        Assert.Contains(("vfio_attach_total", 1, "Attached"), told);
        Assert.Contains(("vfio_attach_total", 1, $"{refused.Refusal.Reason}"), told);
        Assert.Contains(("vfio_dma_maps", state.Spaces[0].Containers[0].Mappings.Count, $"container-{binding.Container}"), told);
        Assert.Contains(("vfio_dma_bytes", (long)_ram.Length, $"container-{binding.Container}"), told);
    }

    public Task DisposeAsync() => _host.StopAsync();

    public void Dispose()
    {
        _host.Dispose();
        _kernel.Dispose();
    }

    private async Task<IDeviceBinding> AttachAsync(string space = "memory")
    {
        var memory = await Vmm.CreateAddressSpaceAsync(space);
        await memory.CommitViewAsync(new FlatView([new(IovaRange.FromLength(0, _ram.Length), SectionKind.Ram, _ram.Name, 0, false, _ram, 0)]));
        _kernel.Host.BindToVfio(Device);
        var outcome = await memory.AttachDeviceAsync(Device);
        Assert.True(outcome.IsAttached, outcome.Refusal?.Words);
        return outcome.Binding;
    }

    private sealed record GroupChangeOf(string Device, string? Driver);
}
