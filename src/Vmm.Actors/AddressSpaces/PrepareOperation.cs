using Vmm.Actors.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Prepares a view in every container, one after the other. The first refusal is the answer, after what was mapped for it has
/// been taken away again everywhere.
/// </summary>
internal sealed class PrepareOperation(ISpace space, AddressSpaceProtocol.PrepareView command) : IOperation
{
    private readonly Queue<int> _waiting = new(space.Ledger.Containers.Select(container => container.Id));
    private readonly List<int> _touched = [];
    private Settlement? _undo;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin() => Next();

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_undo is not null)
        {
            _undo.Handle(message);
            return;
        }

        if (message is not ContainerProtocol.IReply reply || !_waiting.TryPeek(out var asked) || asked != reply.Container)
        {
            return;
        }

        switch (message)
        {
            case ContainerProtocol.ViewPrepared:
                _waiting.Dequeue();
                Next();
                break;
            case ContainerProtocol.NotAdmitted refused:
                Refuse(refused.Refusal);
                break;
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_undo is not null)
        {
            _undo.ContainerLost(container);
        }
        else if (_waiting.TryPeek(out var asked) && asked == container)
        {
            Refuse(new Refusal(RefusalReason.Fault, $"Container {container} stopped while the view was being prepared: {reason}. Nothing is left changed: try again."));
        }
    }

    /// <inheritdoc/>
    public void Abandon() => Refuse(new Refusal(RefusalReason.Abandoned, "The preparation was taken back and is undone."));

    private void Next()
    {
        if (!_waiting.TryPeek(out var container))
        {
            space.Ledger.Prepared = command.Id;
            space.Finish(new AddressSpaceProtocol.ViewPrepared(command.Id));
            return;
        }

        _touched.Add(container);
        space.ToContainer(container, new ContainerProtocol.PrepareView(command.View));
    }

    private void Refuse(Refusal refusal)
    {
        if (_undo is not null)
        {
            return;
        }

        _undo = new Settlement(space, _touched, left => space.Finish(new AddressSpaceProtocol.ViewRefused(command.Id, refusal.Leaving(left))));
        _undo.Begin();
    }
}
