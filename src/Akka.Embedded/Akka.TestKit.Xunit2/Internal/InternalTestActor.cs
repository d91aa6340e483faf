using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>The actor behind a test kit or probe: puts what it gets into the queue of the test.</summary>
internal sealed class InternalTestActor(ReceivedQueue queue) : ActorBase
{
    private Func<object, bool> _ignore;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case SetIgnore set:
                _ignore = set.Ignore;
                break;
            case StartWatching start:
                Context.Watch(start.Actor);
                break;
            case StopWatching stop:
                Context.Unwatch(stop.Actor);
                break;
            default:
                if (_ignore?.Invoke(message) != true) queue.Add(new ReceivedMessage(message, Sender));
                break;
        }
        return true;
    }

    internal sealed record SetIgnore(Func<object, bool> Ignore);

    internal sealed record StartWatching(IActorRef Actor);

    internal sealed record StopWatching(IActorRef Actor);
}
