namespace Akka.Actor;

/// <summary>Parent of the root: learns of its end.</summary>
internal sealed class AboveRoot(ActorSystemImpl system, ActorPath path) : ActorRefWithIdentity(system)
{
    public override ActorPath Path { get; } = path;

    public override void Tell(object message, IActorRef sender) => SystemImpl.DeadLetterRef.Publish(message, sender, this);

    public override void SendSystem(SystemMessage message)
    {
        switch (message)
        {
            case Failed failed:
                failed.Child.Stop();
                break;
            case DeathWatchNotification:
                SystemImpl.RootEnded();
                break;
        }
    }
}
