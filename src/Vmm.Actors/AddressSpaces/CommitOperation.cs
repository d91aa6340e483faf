namespace Vmm.Actors.AddressSpaces;

/// <summary>Commits a view. Cannot be refused or taken back: what goes wrong is in the report.</summary>
internal sealed class CommitOperation : IOperation
{
    private readonly ViewSweep _sweep;

    public CommitOperation(ISpace space, AddressSpaceProtocol.CommitView command)
    {
        Id = command.Id;
        _sweep = new ViewSweep(space, command.View, report => space.Finish(new AddressSpaceProtocol.ViewCommitted(Id, report)));
    }

    /// <inheritdoc/>
    public Guid Id { get; }

    /// <inheritdoc/>
    public void Begin() => _sweep.Begin();

    /// <inheritdoc/>
    public void Handle(object message) => _sweep.Handle(message);

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => _sweep.ContainerLost(container);

    /// <inheritdoc/>
    public void Abandon()
    {
        // The guest has the new view already; there is nothing to go back to.
    }
}
