using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>What an actor sees of its surroundings while it handles a message.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    IActorRef Self { get; }

    /// <summary>What the actor was made from.</summary>
    Props Props { get; }

    MessageDispatcher Dispatcher { get; }

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    IActorRef Sender { get; }

    ActorSystem System { get; }

    /// <summary>The supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>Replaces the behaviour from the next message on.</summary>
    void Become(Receive receive);

    /// <summary>The child of that name, or nobody.</summary>
    IActorRef Child(string name);

    /// <summary>Children that have not ended yet.</summary>
    IEnumerable<IActorRef> GetChildren();

    /// <summary>Stops an actor after its current message; what it has queued becomes dead letters.</summary>
    void Stop(IActorRef child);
}
