namespace Akka.Actor;

/// <summary>Asking: a message out, the first reply as a task. Works with and without a running actor.</summary>
public static class Futures
{
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        Send<object>(self, message, null, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        Send<object>(self, message, null, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        Send<object>(self, message, null, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        Send<T>(self, message, null, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        Send<T>(self, message, null, null, cancellationToken);

    /// <summary>Asks. A time-out of null is <c>akka.actor.ask-timeout</c>; zero and less wait for ever.</summary>
    /// <exception cref="AskTimeoutException">In the task: no reply came in time.</exception>
    /// <exception cref="ArgumentException">In the task: the reply is of another type. A <see cref="Status.Failure"/> throws its cause instead.</exception>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        Send<T>(self, message, null, timeout, cancellationToken);

    /// <summary>Asks with a message that holds the ref to reply to.</summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken) =>
        Send<T>(self, null, messageFactory, timeout, cancellationToken);

    private static Task<T> Send<T>(ICanTell target, object message, Func<IActorRef, object> factory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var system = (target as ISystemRef)?.SystemImpl ?? ActorCell.Current?.SystemImpl
            ?? throw new ArgumentException("The target belongs to no actor system: it cannot be asked.", nameof(target));
        var reply = new AskRef<T>(system);
        reply.Limit(timeout ?? system.Settings.AskTimeout, cancellationToken);
        target.Tell(factory is null ? message : factory(reply), reply);
        return reply.Task;
    }
}
