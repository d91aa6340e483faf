namespace Akka.Actor;

/// <summary>What runs between user messages and reaches suspended actors: a list linked by <see cref="Next"/>.</summary>
internal abstract class SystemMessage
{
    internal SystemMessage Next { get; set; }
}

/// <summary>Constructs and starts the actor.</summary>
internal sealed class Create : SystemMessage;

/// <summary>Stops the actor after its current message.</summary>
internal sealed class Terminate : SystemMessage;

/// <summary>An ancestor failed: no user messages until it is stopped.</summary>
internal sealed class Suspend : SystemMessage;

internal sealed class Failed(LocalActorRef child, Exception cause) : SystemMessage
{
    internal LocalActorRef Child { get; } = child;

    internal Exception Cause { get; } = cause;
}

internal sealed class Watch(ISystemRef watcher) : SystemMessage
{
    internal ISystemRef Watcher { get; } = watcher;
}

internal sealed class Unwatch(ISystemRef watcher) : SystemMessage
{
    internal ISystemRef Watcher { get; } = watcher;
}

internal sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed) : SystemMessage
{
    internal IActorRef Actor { get; } = actor;

    internal bool ExistenceConfirmed { get; } = existenceConfirmed;
}
