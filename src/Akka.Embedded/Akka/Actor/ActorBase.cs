using Akka.Event;

namespace Akka.Actor;

/// <summary>An actor: one message at a time, state of its own.</summary>
public abstract class ActorBase
{
    private SupervisorStrategy _strategy;

    /// <summary>Actors are made by ActorOf only.</summary>
    /// <exception cref="ActorInitializationException">Made by new, outside an actor's creation.</exception>
    protected ActorBase()
    {
        var cell = ActorCell.Current ?? throw new ActorInitializationException(
            $"Do not create {GetType().Name} with new: use ActorOf of a system or a context.");
        cell.Become(Receive);
        if (this is IWithTimers timed) timed.Timers = cell.Timers;
    }

    /// <summary>Who sent the current message; dead letters when nobody did.</summary>
    protected IActorRef Sender => Context.Sender;

    protected IActorRef Self => Context.Self;

    /// <exception cref="NotSupportedException">No actor runs on this thread, as after a plain await.</exception>
    protected static IActorContext Context => ActorCell.Current ?? throw new NotSupportedException(
        "There is no active actor context on this thread: most likely it was used after an await or from a task.");

    internal SupervisorStrategy Strategy => _strategy ??= ActorCell.Current?.Props.SupervisorStrategy ?? SupervisorStrategy();

    /// <summary>Called before the first message.</summary>
    public virtual void AroundPreStart() => PreStart();

    /// <summary>Called after the last message, when all children have ended.</summary>
    public virtual void AroundPostStop() => PostStop();

    internal bool Handle(Receive behaviour, object message) => AroundReceive(behaviour, message);

    /// <summary>Runs the behaviour; what it does not handle goes to <see cref="Unhandled"/>.</summary>
    protected virtual bool AroundReceive(Receive receive, object message)
    {
        var handled = receive(message);
        if (!handled) Unhandled(message);
        return handled;
    }

    /// <summary>The first behaviour; false for messages it does not handle.</summary>
    protected abstract bool Receive(object message);

    /// <summary>Publishes an <see cref="UnhandledMessage"/>.</summary>
    /// <exception cref="DeathPactException">A watched actor ended and the message was not handled.</exception>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated end) throw new DeathPactException(end.ActorRef);
        Context.System.EventStream.Publish(new UnhandledMessage(message, Sender, Self));
    }

    /// <summary>Replaces the behaviour from the next message on.</summary>
    protected void Become(Receive receive) => Context.Become(receive);

    protected virtual void PreStart()
    {
    }

    protected virtual void PostStop()
    {
    }

    /// <summary>How failures of children are decided.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.Unset;
}
