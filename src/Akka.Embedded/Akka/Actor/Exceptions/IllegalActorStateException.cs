namespace Akka.Actor;

/// <summary>The actor did what it must not do now, as stashing a message twice.</summary>
public class IllegalActorStateException : AkkaException
{
    public IllegalActorStateException(string message)
        : base(message)
    {
    }
}
