using Akka.Event;

namespace Akka.Actor;

/// <summary>How an actor decides about failures of its children. Every decision here is to stop.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>Stops the child that failed.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(_ => Directive.Stop);

    /// <summary>
    /// Stands in where no strategy was chosen. Akka's default stops actors that could not be started, broke a death pact
    /// and restarts all others; there is no restart here, so such a failure is refused.
    /// </summary>
    internal static readonly OneForOneStrategy Unset = new(cause =>
        cause is ActorInitializationException or DeathPactException ? Directive.Stop : default);

    internal SupervisorStrategy()
    {
    }

    public abstract IDecider Decider { get; }

    /// <summary>Whether failures are logged.</summary>
    protected bool LoggingEnabled { get; set; } = true;

    /// <exception cref="NotSupportedException">The decision is not to stop.</exception>
    internal void HandleFailure(ActorCell supervisor, LocalActorRef child, Exception cause)
    {
        var directive = Handle(child, cause);
        if (directive != Directive.Stop)
        {
            throw new NotSupportedException(
                $"{supervisor.Self.Path} answered the failure of {child.Path} with directive {directive}, and only Directive.Stop is supported: override "
                + "SupervisorStrategy() with one that stops, or, for actors of the system itself, set akka.actor.guardian-supervisor-strategy = "
                + $"\"Akka.Actor.StoppingSupervisorStrategy\". The failure was {cause.GetType().Name}: {cause.Message}",
                cause);
        }
        LogFailure(supervisor, child, cause, directive);
        child.Stop();
    }

    /// <summary>The directive for a failure of the child.</summary>
    protected abstract Directive Handle(IActorRef child, Exception exception);

    /// <summary>Publishes an error whose source is the child.</summary>
    protected virtual void LogFailure(IActorContext context, IActorRef child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled) return;
        var message = cause is ActorInitializationException { InnerException: { } inner } ? inner.GetBaseException().Message : cause.Message;
        context.System.EventStream.Publish(new Error(cause, child.Path.ToString(), GetType(), message));
    }
}
