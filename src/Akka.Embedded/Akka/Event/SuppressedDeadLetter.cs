using Akka.Actor;

namespace Akka.Event;

/// <summary>As <see cref="DeadLetter"/>, of a message that was expected to be lost.</summary>
public sealed class SuppressedDeadLetter : AllDeadLetters
{
    public SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient)
        : base(message, sender, recipient)
    {
    }
}
