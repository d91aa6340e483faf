namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// What a replaced actor does first: every container is brought to the ledger, the vIOMMU replays what the former actor may not
/// have asked for, and the commands that it took with it are answered.
/// </summary>
internal sealed class RecoverOperation : IOperation
{
    private readonly ISpace _space;
    private readonly Action _done;
    private readonly Settlement _settlement;
    private readonly ReplayStep _replay;

    public RecoverOperation(ISpace space, Action done)
    {
        (_space, _done) = (space, done);
        _replay = new ReplayStep(space, Id);
        _settlement = new Settlement(space, space.Ledger.Containers.Select(container => container.Id), Settled);
    }

    /// <inheritdoc/>
    public Guid Id { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public void Begin() => _settlement.Begin();

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (!_replay.IsUnderWay)
        {
            _settlement.Handle(message);
        }
        else if (message is ReplayAnswer answer && answer.Id == Id)
        {
            _replay.Answered(answer.Outcome);
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (!_replay.IsUnderWay)
        {
            _settlement.ContainerLost(container);
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // Nobody asked for it, so nobody takes it back.
    }

    private void Settled(IReadOnlyList<string> left)
    {
        _replay.Begin(_space.Ledger.ContainersInUse, _space.Ledger.View, () =>
        {
            var wrong = left.Concat(_replay.Refused.Select(refused => $"{refused.Section.Name} is not translated by the vIOMMU: {refused.Words}")).ToList();
            _space.Ledger.Degraded = wrong.Count == 0 ? null : string.Join(' ', wrong);
            _done();
        });
    }
}
