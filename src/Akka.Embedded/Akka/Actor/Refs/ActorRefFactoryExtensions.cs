namespace Akka.Actor;

/// <summary>Creating actors that take no arguments.</summary>
public static class ActorRefFactoryExtensions
{
    /// <summary>Creates an actor of a type with a constructor without parameters.</summary>
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);
}
