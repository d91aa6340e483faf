using Akka.Event;

namespace Akka.Actor;

/// <summary>Stops the actor when its turn comes: everything told before is handled.</summary>
public sealed class PoisonPill : IDeadLetterSuppression
{
    private PoisonPill()
    {
    }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}
