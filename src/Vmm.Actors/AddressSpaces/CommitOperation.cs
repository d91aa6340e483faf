using Akka.Event;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Commits a view, after its RAM has been populated where mapping pins. Cannot be refused or taken back: what goes wrong is in the
/// report.
/// </summary>
internal sealed class CommitOperation : IOperation
{
    private readonly ISpace _space;
    private readonly ViewSweep _sweep;
    private readonly RamStep _ram;

    public CommitOperation(ISpace space, AddressSpaceProtocol.CommitView command)
    {
        Id = command.Id;
        _space = space;
        _ram = new RamStep(space, Id);
        _sweep = new ViewSweep(space, command.View, report => space.Finish(new AddressSpaceProtocol.ViewCommitted(Id, report)));
    }

    /// <inheritdoc/>
    public Guid Id { get; }

    /// <inheritdoc/>
    public void Begin()
    {
        _sweep.Enter();
        if (!_space.Ledger.PinsRam || !_ram.TryBegin(_space.Ledger.View, RamPopulation.SliceLength))
        {
            _sweep.Apply();
        }
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (!_ram.IsUnderWay)
        {
            _sweep.Handle(message);
        }
        else if (message is RamPopulated populated && populated.Id == Id)
        {
            if (_ram.Ended(populated.Outcome) is { } refusal)
            {
                _space.Log.Warning("Space {0}: {1} It is mapped all the same, and what cannot be pinned is reported.", _space.Ledger.Name, refusal.Words);
            }

            _sweep.Apply();
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (!_ram.IsUnderWay)
        {
            _sweep.ContainerLost(container);
        }
    }

    /// <summary>The guest has the new view already, and there is nothing to go back to: what is left to populate is pinned page by page.</summary>
    public void Abandon() => _ram.Cancel();
}
