using Vmm.Iommu.AddressSpaces;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Releases everything that the space holds: the view first, since a mapped BAR keeps its device open, then the devices.</summary>
internal sealed class ReleaseOperation : IOperation
{
    private readonly ISpace _space;
    private readonly ViewSweep _sweep;
    private Settlement? _settlement;

    public ReleaseOperation(ISpace space, AddressSpaceProtocol.Close command)
    {
        _space = space;
        Id = command.Id;
        _sweep = new ViewSweep(space, FlatView.Empty, _ => ReleaseDevices());
    }

    /// <inheritdoc/>
    public Guid Id { get; }

    /// <inheritdoc/>
    public void Begin()
    {
        _space.Ledger.Bindings.Clear();
        _sweep.Begin();
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_settlement is not null)
        {
            _settlement.Handle(message);
        }
        else
        {
            _sweep.Handle(message);
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_settlement is not null)
        {
            _settlement.ContainerLost(container);
        }
        else
        {
            _sweep.ContainerLost(container);
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // Closing is what remains to be done whoever waits for it.
    }

    private void ReleaseDevices()
    {
        _settlement = new Settlement(
            _space,
            _space.Ledger.Containers.Select(container => container.Id),
            left => _space.Finish(new AddressSpaceProtocol.Closed(Id, left)));
        _settlement.Begin();
    }
}
