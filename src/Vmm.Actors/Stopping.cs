using Akka.Actor;

namespace Vmm.Actors;

/// <summary>How every actor here treats a failing child: stop it. Whoever watches makes a new one over the ledger.</summary>
internal static class Stopping
{
    /// <summary>Stops the child that failed, and no other.</summary>
    public static SupervisorStrategy Strategy { get; } = new OneForOneStrategy(_ => Directive.Stop);
}
