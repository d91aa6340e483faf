namespace Akka.Actor;

/// <summary>The ref of an actor that has a cell.</summary>
internal sealed class LocalActorRef(ActorSystemImpl system, ActorCell cell, ActorPath path) : ActorRefWithIdentity(system)
{
    private readonly ActorCell _cell = cell;

    public override ActorPath Path { get; } = path;

    internal ActorCell Cell => _cell;

    /// <summary>Set once the ref was subscribed to the event stream, so that its end unsubscribes it.</summary>
    internal bool IsSubscriber { get; set; }

    public override void Tell(object message, IActorRef sender)
    {
        if (message is null) throw new ArgumentNullException(nameof(message), "A message must not be null.");
        _cell.Mailbox.Post(new Envelope(message, sender));
    }

    public override void SendSystem(SystemMessage message) => _cell.Mailbox.PostSystem(message);

    internal void Stop() => SendSystem(new Terminate());
}
