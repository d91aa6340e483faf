namespace Vmm.Testing.Stepping;

/// <summary>Continuations of awaits become turns of the seeded order instead of work for the pool.</summary>
internal sealed class SteppedContext(SeededOrder order) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => order.Add(() => "a continuation", () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;
}
