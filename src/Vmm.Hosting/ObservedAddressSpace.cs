using Microsoft.Extensions.Logging;
using Vmm.Actors;
using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Client;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;

namespace Vmm.Hosting;

/// <summary>An address space whose attaches and views have spans and log scopes.</summary>
internal sealed partial class ObservedAddressSpace(IAddressSpace inner, ILogger log) : IAddressSpace
{
    public string Name => inner.Name;

    public DmaMapper Mapper => inner.Mapper;

    public async Task<PrepareOutcome> PrepareViewAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        using var observed = Observation.Begin(log, "view.prepare", Name);
        var outcome = await inner.PrepareViewAsync(view, cancellationToken);
        observed.End(outcome.IsPrepared ? "prepared" : "refused");
        if (!outcome.IsPrepared)
        {
            LogRefused(log, "A view", outcome.Refusal.Words);
        }

        return outcome;
    }

    public async Task<ViewReport> CommitViewAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        using var observed = Observation.Begin(log, "view.commit", Name);
        var report = await inner.CommitViewAsync(view, cancellationToken);
        observed.End(report.Holes.Count == 0 ? "committed" : "holes");
        LogCommitted(log, report.Generation, report.Mapped, report.Unmapped);
        foreach (var hole in report.Holes)
        {
            LogHole(log, hole);
        }

        return report;
    }

    public Task<PlanOutcome> PlanAttachAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default) =>
        inner.PlanAttachAsync(device, policy, cancellationToken);

    public Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default) =>
        ObservedAsync(device, () => inner.AttachDeviceAsync(device, policy, cancellationToken));

    public Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy, Func<AttachLook, bool> keep, CancellationToken cancellationToken = default) =>
        ObservedAsync(device, () => inner.AttachDeviceAsync(device, policy, keep, cancellationToken));

    public async Task<RulesOutcome> ChangeRulesAsync(Func<SpaceRules, SpaceRules> change, CancellationToken cancellationToken = default)
    {
        using var observed = Observation.Begin(log, "rules.change", Name);
        var outcome = await inner.ChangeRulesAsync(change, cancellationToken);
        observed.End(outcome.IsChanged ? "changed" : "refused");
        if (!outcome.IsChanged)
        {
            LogRefused(log, "A change of rules", outcome.Refusal.Words);
        }

        return outcome;
    }

    private async Task<AttachOutcome> ObservedAsync(string device, Func<Task<AttachOutcome>> attach)
    {
        using var observed = Observation.Begin(log, "attach", Name, device);
        var outcome = await attach();
        if (!outcome.IsAttached)
        {
            observed.End("refused");
            LogRefused(log, device, outcome.Refusal.Words);
            return outcome;
        }

        observed.In(outcome.Binding.Group, outcome.Binding.Container);
        observed.End("attached");
        LogAttached(log, device, outcome.Binding.Container, outcome.Skipped.Count);
        return outcome with { Binding = new ObservedBinding(outcome.Binding, Name, log) };
    }

    public IAsyncEnumerable<WindowsProtocol.IWindowsEvent> WatchWindowsAsync(int credit = 64, CancellationToken cancellationToken = default) =>
        inner.WatchWindowsAsync(credit, cancellationToken);

    public Task<AddressSpaceState> GetStateAsync(CancellationToken cancellationToken = default) => inner.GetStateAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    [LoggerMessage(LogLevel.Warning, "{What} was refused: {Words}")]
    private static partial void LogRefused(ILogger log, string what, string words);

    [LoggerMessage(LogLevel.Debug, "View {Generation} committed: {Mapped} mapped, {Unmapped} unmapped")]
    private static partial void LogCommitted(ILogger log, long generation, int mapped, int unmapped);

    [LoggerMessage(LogLevel.Error, "A hole: {Hole}")]
    private static partial void LogHole(ILogger log, string hole);

    [LoggerMessage(LogLevel.Information, "{Device} attached in container {Container}, {Skipped} sections skipped")]
    private static partial void LogAttached(ILogger log, string device, int container, int skipped);
}
