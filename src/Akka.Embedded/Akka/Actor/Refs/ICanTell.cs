namespace Akka.Actor;

/// <summary>Something a message can be sent to.</summary>
public interface ICanTell
{
    /// <summary>Sends a message; never blocks. A null sender shows as dead letters to the receiver.</summary>
    void Tell(object message, IActorRef sender);
}
