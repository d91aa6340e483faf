namespace Akka.Actor;

/// <summary>Something that creates actors below itself.</summary>
public interface IActorRefFactory
{
    /// <summary>Creates an actor; it is constructed later, on its dispatcher.</summary>
    /// <exception cref="InvalidActorNameException">The name is taken or not a path element.</exception>
    IActorRef ActorOf(Props props, string name = null);
}
