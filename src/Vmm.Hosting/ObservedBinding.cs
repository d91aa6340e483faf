using Microsoft.Extensions.Logging;
using Vmm.Actors.Client;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;

namespace Vmm.Hosting;

/// <summary>An attached device whose detach has a span and log scopes.</summary>
internal sealed partial class ObservedBinding(IDeviceBinding inner, string space, ILogger log) : IDeviceBinding
{
    public string Device => inner.Device;

    public int Group => inner.Group;

    public int Container => inner.Container;

    public ValidIovaRanges Windows => inner.Windows;

    public AssignedDevice Hardware => inner.Hardware;

    public async Task<DetachOutcome> DetachAsync(CancellationToken cancellationToken = default)
    {
        using var observed = Observation.Begin(log, "detach", space, Device);
        observed.In(Group, Container);
        var outcome = await inner.DetachAsync(cancellationToken);
        observed.End(outcome.IsDetached ? "detached" : "pending");
        if (outcome.IsDetached)
        {
            LogDetached(log, Device);
        }
        else
        {
            LogPending(log, Device, outcome.Pending);
        }

        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        using var observed = Observation.Begin(log, "detach", space, Device);
        observed.In(Group, Container);
        await inner.DisposeAsync();
        observed.End("detached");
    }

    [LoggerMessage(LogLevel.Information, "{Device} detached")]
    private static partial void LogDetached(ILogger log, string device);

    [LoggerMessage(LogLevel.Warning, "{Device} is closed but not out yet: {Holds}")]
    private static partial void LogPending(ILogger log, string device, string? holds);
}
