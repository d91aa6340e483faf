using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Releases everything that the space holds.</summary>
internal sealed class ReleaseOperation(ISpace space, AddressSpaceProtocol.Close command) : IOperation
{
    private Settlement? _settlement;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin()
    {
        space.Ledger.Bindings.Clear();
        space.Ledger.View = FlatView.Empty;
        _settlement = new Settlement(
            space,
            space.Ledger.Containers.Select(container => container.Id),
            left => space.Finish(new AddressSpaceProtocol.Closed(command.Id, left)));
        _settlement.Begin();
    }

    /// <inheritdoc/>
    public void Handle(object message) => _settlement?.Handle(message);

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => _settlement?.ContainerLost(container);

    /// <inheritdoc/>
    public void Abandon()
    {
        // Closing is what remains to be done whoever waits for it.
    }
}
