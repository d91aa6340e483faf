using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Asks every container what is in it.</summary>
internal sealed class StateOperation(ISpace space, AddressSpaceProtocol.GetState command) : IOperation
{
    private readonly Queue<int> _waiting = new(space.Ledger.Containers.Select(container => container.Id));
    private readonly List<ContainerReport> _states = [];

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin() => Next();

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (message is ContainerProtocol.State state && _waiting.TryPeek(out var asked) && asked == state.Container)
        {
            _states.Add(state.Contents);
            _waiting.Dequeue();
            Next();
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_waiting.TryPeek(out var asked) && asked == container)
        {
            Next();
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // A question changes nothing; its answer goes to whoever is left to read it.
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var container))
        {
            space.ToContainer(container, new ContainerProtocol.GetState());
            return;
        }

        var ledger = space.Ledger;
        var state = new AddressSpaceState(ledger.Name, ledger.Generation, _states, ledger.Degraded)
        {
            Windows = WindowsBoard.Of(ledger),
            Rules = ledger.Rules,
            Decisions = ledger.Decisions,
        };
        space.Finish(new AddressSpaceProtocol.State(command.Id, state));
    }
}
