using Akka.Dispatch;

namespace Vmm.Testing.Stepping;

/// <summary>Runs no mailbox itself: puts each that can run into the <see cref="SeededOrder"/> of its system.</summary>
public sealed class SteppedDispatcher : MessageDispatcher
{
    private readonly SteppedRun _run;

    internal SteppedDispatcher(SteppedConfigurator configurator, SteppedRun run)
        : base(configurator) => _run = run;

    /// <inheritdoc/>
    protected override void ExecuteTask(IRunnable run) => _run.Schedule(run);

    /// <inheritdoc/>
    protected override void Shutdown()
    {
        // Nothing is held: what still waits belongs to the order.
    }
}
