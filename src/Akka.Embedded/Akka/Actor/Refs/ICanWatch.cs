namespace Akka.Actor;

/// <summary>Something that can be told of the end of actors.</summary>
public interface ICanWatch
{
    /// <summary>Asks for a <see cref="Terminated"/> when the subject has stopped.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>Asks for a message of one's own when the subject has stopped.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Takes it back: none arrives afterwards, even if it is already queued.</summary>
    IActorRef Unwatch(IActorRef subject);
}
