using Vmm.Actors.AddressSpaces;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Client;

/// <summary>The face of one address space.</summary>
internal sealed class AddressSpaceClient(VmmClient vmm, string name, DmaMapper mapper) : IAddressSpace
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public DmaMapper Mapper { get; } = mapper;

    /// <inheritdoc/>
    public async Task<PrepareOutcome> PrepareViewAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        var command = new AddressSpaceProtocol.PrepareView(Guid.NewGuid(), view);
        switch (await CommandAsync(command, cancellationToken))
        {
            case AddressSpaceProtocol.ViewPrepared when cancellationToken.IsCancellationRequested:
                // Cancelled between the answer and here: nobody has taken it back yet. The question is answered behind that.
                Abandon(command.Id);
                await GetStateAsync(CancellationToken.None);
                throw new OperationCanceledException(cancellationToken);
            case AddressSpaceProtocol.ViewPrepared:
                return new PrepareOutcome(Refusal: null);
            case AddressSpaceProtocol.ViewRefused refused:
                ThrowIfAbandoned(refused.Refusal, cancellationToken);
                return new PrepareOutcome(refused.Refusal);
            case var other:
                throw VmmClient.Unexpected(other);
        }
    }

    /// <inheritdoc/>
    public async Task<ViewReport> CommitViewAsync(FlatView view, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        return await CommandAsync(new AddressSpaceProtocol.CommitView(Guid.NewGuid(), view), cancellationToken) switch
        {
            AddressSpaceProtocol.ViewCommitted committed => committed.Report,
            var other => throw VmmClient.Unexpected(other),
        };
    }

    /// <inheritdoc/>
    public async Task<PlanOutcome> PlanAttachAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        return await CommandAsync(new AddressSpaceProtocol.PlanAttach(Guid.NewGuid(), device, policy ?? AttachPolicy.Default), cancellationToken) switch
        {
            AddressSpaceProtocol.AttachPlanned planned => new PlanOutcome(planned.Plan, planned.Refusal),
            var other => throw VmmClient.Unexpected(other),
        };
    }

    /// <inheritdoc/>
    public Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy = null, CancellationToken cancellationToken = default) =>
        AttachAsync(device, policy, keep: null, cancellationToken);

    /// <inheritdoc/>
    public Task<AttachOutcome> AttachDeviceAsync(string device, AttachPolicy? policy, Func<AttachLook, bool> keep, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keep);
        return AttachAsync(device, policy, keep, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RulesOutcome> ChangeRulesAsync(Func<SpaceRules, SpaceRules> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return await CommandAsync(new AddressSpaceProtocol.ChangeRules(Guid.NewGuid(), change), cancellationToken) switch
        {
            AddressSpaceProtocol.RulesChanged changed => new RulesOutcome(changed.Rules, Refusal: null),
            AddressSpaceProtocol.RulesRefused refused => new RulesOutcome(Rules: null, refused.Refusal),
            var other => throw VmmClient.Unexpected(other),
        };
    }

    private async Task<AttachOutcome> AttachAsync(string device, AttachPolicy? policy, Func<AttachLook, bool>? keep, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        var command = new AddressSpaceProtocol.AttachDevice(Guid.NewGuid(), device, policy ?? AttachPolicy.Default) { Keep = keep };
        switch (await CommandAsync(command, cancellationToken))
        {
            case AddressSpaceProtocol.Attached attached:
                var binding = new DeviceBindingClient(this, device, attached);
                if (!cancellationToken.IsCancellationRequested)
                {
                    return new AttachOutcome(binding, Refusal: null, attached.Skipped);
                }

                await binding.DisposeAsync();
                throw new OperationCanceledException(cancellationToken);
            case AddressSpaceProtocol.AttachRefused refused:
                ThrowIfAbandoned(refused.Refusal, cancellationToken);
                return new AttachOutcome(Binding: null, refused.Refusal, []);
            case var other:
                throw VmmClient.Unexpected(other);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WindowsProtocol.IWindowsEvent> WatchWindowsAsync(int credit = 64, CancellationToken cancellationToken = default) =>
        vmm.WatchAsync<WindowsProtocol.IWindowsEvent>(
            credit,
            listener => CommandAsync(new WindowsProtocol.Watch(Guid.NewGuid(), listener, credit), cancellationToken),
            (listener, sequence) => vmm.Tell(new VmmProtocol.WindowsSeen(Name, new WindowsProtocol.Seen(listener, sequence))),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<AddressSpaceState> GetStateAsync(CancellationToken cancellationToken = default) =>
        await CommandAsync(new AddressSpaceProtocol.GetState(Guid.NewGuid()), cancellationToken) switch
        {
            AddressSpaceProtocol.State state => state.Space,
            var other => throw VmmClient.Unexpected(other),
        };

    /// <inheritdoc/>
    /// <exception cref="IommuException">Something could not be released; it is named.</exception>
    public async ValueTask DisposeAsync()
    {
        switch (await vmm.AskAsync(new VmmProtocol.CloseSpace(Name)))
        {
            case VmmProtocol.SpaceClosed { Left.Count: 0 }:
                return;
            case VmmProtocol.SpaceClosed closed:
                throw new IommuException("closing", $"address space {Name}", Errno.None, $"Not released: {string.Join(' ', closed.Left)}");
            case var other:
                throw VmmClient.Unexpected(other);
        }
    }

    /// <summary>Sends a command. A caller that cancels takes it back, and the answer to that is waited for; one that has waited too long takes it back and waits no longer.</summary>
    internal async Task<object> CommandAsync(AddressSpaceProtocol.ICommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var cancelled = cancellationToken.Register(() => Abandon(command.Id));
        try
        {
            return await vmm.AskAsync(new VmmProtocol.ToSpace(Name, command)) switch
            {
                VmmProtocol.NoSuchSpace => throw new ObjectDisposedException(Name, $"The VM has no address space {Name}: it was closed."),
                AddressSpaceProtocol.Faulted faulted => throw new IommuException(command.GetType().Name, $"address space {Name}", Errno.None, faulted.Words),
                var answer => answer,
            };
        }
        catch (Akka.Actor.AskTimeoutException late)
        {
            Abandon(command.Id);
            throw new TimeoutException($"{command.GetType().Name} in address space {Name} took longer than {vmm.CommandTimeout} and is taken back.", late);
        }
    }

    private void Abandon(Guid command) => vmm.Tell(new VmmProtocol.Abandon(Name, command));

    private static void ThrowIfAbandoned(Refusal refusal, CancellationToken cancellationToken)
    {
        if (refusal.Reason == RefusalReason.Abandoned)
        {
            throw new OperationCanceledException(refusal.Words, cancellationToken);
        }
    }
}
