using Vmm.Actors.Containers;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Prepares a view in every container, or in none: where mapping pins, its RAM may be locked and is populated first.</summary>
internal sealed class PrepareOperation : IOperation
{
    private readonly ISpace _space;
    private readonly AddressSpaceProtocol.PrepareView _command;
    private readonly AllOrNone _containers;
    private readonly RamStep _ram;
    private Refusal? _deferred;

    public PrepareOperation(ISpace space, AddressSpaceProtocol.PrepareView command)
    {
        (_space, _command) = (space, command);
        _ram = new RamStep(space, command.Id);
        _containers = new AllOrNone(
            space,
            space.Ledger.Containers.Select(container => container.Id),
            new ContainerProtocol.PrepareView(command.View),
            () =>
            {
                space.Ledger.Prepared = command.Id;
                space.Finish(new AddressSpaceProtocol.ViewPrepared(command.Id));
            },
            refusal => space.Finish(new AddressSpaceProtocol.ViewRefused(command.Id, refusal)));
    }

    /// <inheritdoc/>
    public Guid Id => _command.Id;

    /// <inheritdoc/>
    public void Begin()
    {
        if (_space.Ledger.GuestIommu is null && ReplayStep.HotOf(_command.View).Select(hot => hot.Section).FirstOrDefault() is { } section)
        {
            _containers.Refuse(new Refusal(RefusalReason.GuestIommu, $"{section.Name} at {section.Range} {CommitOperation.NoGuestIommu(_space.Ledger.Name)}"));
        }
        else if (!_space.Ledger.PinsRam)
        {
            _containers.Begin();
        }
        else if (_ram.WhyNotLocked(_command.View, _space.Ledger.View) is { } refusal)
        {
            _containers.Refuse(refusal);
        }
        else if (!_ram.TryBegin(_command.View, RamPopulation.SliceLength))
        {
            _containers.Begin();
        }
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (!_ram.IsUnderWay)
        {
            _containers.Handle(message);
        }
        else if (message is RamPopulated populated && populated.Id == Id)
        {
            Populated(_ram.Ended(populated.Outcome));
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => Refuse(
        refusal => _containers.ContainerLost(container, refusal),
        new Refusal(RefusalReason.Fault, $"Container {container} stopped while the view was being prepared: {reason}. Nothing is left changed: try again."));

    /// <inheritdoc/>
    public void Abandon() => Refuse(_containers.Refuse, new Refusal(RefusalReason.Abandoned, "The preparation was taken back and is undone."));

    /// <summary>While threads populate, what ends the preparation waits for them.</summary>
    private void Refuse(Action<Refusal> refuse, Refusal refusal)
    {
        if (!_ram.IsUnderWay)
        {
            refuse(refusal);
            return;
        }

        _deferred ??= refusal;
        _ram.Cancel();
    }

    private void Populated(Refusal? refusal)
    {
        if ((_deferred ?? refusal) is { } known)
        {
            _containers.Refuse(known);
        }
        else
        {
            _containers.Begin();
        }
    }
}
