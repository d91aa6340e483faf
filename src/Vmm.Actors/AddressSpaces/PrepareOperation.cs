using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Prepares a view in every container, or in none.</summary>
internal sealed class PrepareOperation : IOperation
{
    private readonly AllOrNone _containers;

    public PrepareOperation(ISpace space, AddressSpaceProtocol.PrepareView command)
    {
        Id = command.Id;
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
    public Guid Id { get; }

    /// <inheritdoc/>
    public void Begin() => _containers.Begin();

    /// <inheritdoc/>
    public void Handle(object message) => _containers.Handle(message);

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => _containers.ContainerLost(
        container,
        new Refusal(RefusalReason.Fault, $"Container {container} stopped while the view was being prepared: {reason}. Nothing is left changed: try again."));

    /// <inheritdoc/>
    public void Abandon() => _containers.Refuse(new Refusal(RefusalReason.Abandoned, "The preparation was taken back and is undone."));
}
