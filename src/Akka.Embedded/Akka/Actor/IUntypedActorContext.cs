namespace Akka.Actor;

/// <summary>The context of an untyped actor.</summary>
public interface IUntypedActorContext : IActorContext
{
    /// <summary>Replaces the behaviour from the next message on.</summary>
    void Become(UntypedReceive receive);
}
