namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// What a replaced actor does first: every container is brought to the ledger, and the commands that the former actor took
/// with it are answered.
/// </summary>
internal sealed class RecoverOperation : IOperation
{
    private readonly Settlement _settlement;

    public RecoverOperation(ISpace space, Action done)
    {
        _settlement = new Settlement(space, space.Ledger.Containers.Select(container => container.Id), left =>
        {
            space.Ledger.Degraded = left.Count == 0 ? null : string.Join(' ', left);
            done();
        });
    }

    /// <inheritdoc/>
    public Guid Id { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public void Begin() => _settlement.Begin();

    /// <inheritdoc/>
    public void Handle(object message) => _settlement.Handle(message);

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason) => _settlement.ContainerLost(container);

    /// <inheritdoc/>
    public void Abandon()
    {
        // Nobody asked for it, so nobody takes it back.
    }
}
