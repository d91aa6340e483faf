using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Actors.Hosts;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Topology;

namespace Vmm.Hosting;

/// <summary>The <see cref="IVmm"/> of a host: calls wait until the host has started; what changes something has a span and log scopes.</summary>
internal sealed class ObservedVmm(VmmStart start, ILoggerFactory logs) : IVmm
{
    private readonly ILogger _log = logs.CreateLogger(VmmActivity.SourceName);

    public string KernelName => start.Kernel.Name;

    public Task<IAddressSpace> CreateAddressSpaceAsync(string name, CancellationToken cancellationToken = default) =>
        CreateAddressSpaceAsync(name, guestIommu: null, cancellationToken);

    public async Task<IAddressSpace> CreateAddressSpaceAsync(string name, IGuestIommu? guestIommu, CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        return new ObservedAddressSpace(await vmm.CreateAddressSpaceAsync(name, guestIommu, cancellationToken), _log);
    }

    public async Task PublishSystemMemoryAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        await vmm.PublishSystemMemoryAsync(view, cancellationToken);
    }

    public async Task<HostTopology> GetTopologyAsync(CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        return await vmm.GetTopologyAsync(cancellationToken);
    }

    public async Task<HostTopology> RescanHostAsync(CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        return await vmm.RescanHostAsync(cancellationToken);
    }

    public async IAsyncEnumerable<HostProtocol.IHostEvent> WatchHostAsync(
        int credit = 64,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        await foreach (var happened in vmm.WatchHostAsync(credit, cancellationToken))
        {
            yield return happened;
        }
    }

    public async Task<VmmState> GetStateAsync(CancellationToken cancellationToken = default)
    {
        var vmm = await start.Started.WaitAsync(cancellationToken);
        return await vmm.GetStateAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await start.ReleaseAsync();
}
