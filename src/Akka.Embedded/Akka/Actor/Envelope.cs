namespace Akka.Actor;

/// <summary>A message and who sent it.</summary>
public struct Envelope
{
    /// <summary>Without a sender, dead letters of the system stand in.</summary>
    public Envelope(object message, IActorRef sender, ActorSystem system)
    {
        Message = message;
        Sender = sender ?? system.DeadLetters;
    }

    public Envelope(object message, IActorRef sender)
    {
        Message = message;
        Sender = sender;
    }

    public IActorRef Sender { get; }

    public object Message { get; }

    public override readonly string ToString() => "<" + (Message ?? "null") + "> from " + (Sender is null ? "NoSender" : Sender.ToString());
}
