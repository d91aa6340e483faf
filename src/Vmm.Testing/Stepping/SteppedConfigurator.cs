using Akka.Configuration;
using Akka.Dispatch;

namespace Vmm.Testing.Stepping;

/// <summary>Makes the <see cref="SteppedDispatcher"/>. Named by <c>akka.actor.default-dispatcher.type</c>.</summary>
public sealed class SteppedConfigurator : MessageDispatcherConfigurator
{
    private readonly SteppedDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    /// <param name="config">The dispatcher's section.</param>
    /// <param name="prerequisites">The system's settings say which stepping it belongs to.</param>
    public SteppedConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        ArgumentNullException.ThrowIfNull(prerequisites);
        _dispatcher = new SteppedDispatcher(this, SteppingRegistry.Find(prerequisites.Settings.Config));
    }

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}
