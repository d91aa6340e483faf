using Vmm.Actors.Client;
using Vmm.Hosting.HostWatch;

namespace Vmm.Hosting;

/// <summary>Puts a report together from the actors' state and the monitor's.</summary>
internal sealed class VmmHealth(IVmm vmm, HostMonitor monitor) : IVmmHealth
{
    public string KernelName => vmm.KernelName;

    public async Task<VmmHealthReport> CheckAsync(CancellationToken cancellationToken = default)
    {
        var state = await vmm.GetStateAsync(cancellationToken);
        var containers = state.Spaces.SelectMany(space => space.Containers.Select(container => (space, container))).ToList();
        var degraded = containers
            .Where(pair => pair.container.Degraded is not null)
            .Select(pair => $"address space {pair.space.Name}, container {pair.container.Id}: {pair.container.Degraded}");
        return new VmmHealthReport(KernelName, containers.Count, [.. degraded], monitor.Fault);
    }
}
