namespace Akka.Actor;

/// <summary>An actor at the top of a tree. The root watches the two below it and ends one after the other.</summary>
internal sealed class Guardian : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case WatchGuardians guardians:
                Context.Watch(guardians.User);
                Context.Watch(guardians.System);
                return true;
            case Terminated end:
                ((ActorSystemImpl)Context.System).GuardianEnded(end.ActorRef);
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Tells the root whom to watch.</summary>
internal sealed record WatchGuardians(IActorRef User, IActorRef System);
