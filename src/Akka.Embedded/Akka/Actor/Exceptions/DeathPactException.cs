namespace Akka.Actor;

/// <summary>A watched actor ended and the watcher did not handle that.</summary>
public class DeathPactException : AkkaException
{
    public DeathPactException(IActorRef deadActor)
        : base("Monitored actor [" + deadActor + "] terminated") => DeadActor = deadActor;

    public IActorRef DeadActor { get; }
}
