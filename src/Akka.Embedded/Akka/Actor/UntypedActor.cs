namespace Akka.Actor;

/// <summary>An actor that gets every message in one method.</summary>
public abstract class UntypedActor : ActorBase
{
    protected UntypedActor()
    {
    }

    /// <inheritdoc cref="ActorBase.Context"/>
    protected static new IUntypedActorContext Context => (IUntypedActorContext)ActorBase.Context;

    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Handles a message; what it cannot handle it gives to Unhandled itself.</summary>
    protected abstract void OnReceive(object message);

    /// <summary>Replaces the behaviour from the next message on.</summary>
    protected void Become(UntypedReceive receive) => Context.Become(receive);
}
