namespace Akka.Actor;

/// <summary>A handle to an actor. Two refs are equal when path and incarnation (uid) are.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    /// <summary>Where the actor lives.</summary>
    ActorPath Path { get; }
}
