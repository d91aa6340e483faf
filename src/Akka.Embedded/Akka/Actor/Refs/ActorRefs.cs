namespace Akka.Actor;

/// <summary>Refs that stand for no actor.</summary>
public static class ActorRefs
{
    /// <summary>Accepts and drops every message.</summary>
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>No sender: null.</summary>
    public static readonly IActorRef NoSender = null;
}
