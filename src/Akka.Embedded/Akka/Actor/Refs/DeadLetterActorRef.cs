using Akka.Event;

namespace Akka.Actor;

/// <summary>Where messages go that nobody can receive: publishes them on the event stream.</summary>
internal sealed class DeadLetterActorRef(ActorSystemImpl system, ActorPath path) : ActorRefWithIdentity(system)
{
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(5);
    private readonly Lock _gate = new();
    private int _logged;
    private TimeSpan? _silentUntil;

    public override ActorPath Path { get; } = path;

    public override void Tell(object message, IActorRef sender)
    {
        if (message is null) throw new InvalidMessageException("Message is null");
        Publish(message, sender, this);
    }

    public override void SendSystem(SystemMessage message) => AnswerForTheDead(message, this);

    /// <summary>Publishes a message that did not reach <paramref name="recipient"/>.</summary>
    internal void Publish(object message, IActorRef sender, IActorRef recipient)
    {
        switch (message)
        {
            case AllDeadLetters already:
                SystemImpl.EventStream.Publish(already);
                break;
            case IDeadLetterSuppression quiet:
                SystemImpl.EventStream.Publish(new SuppressedDeadLetter(quiet, sender ?? this, recipient));
                break;
            default:
                SystemImpl.EventStream.Publish(new DeadLetter(message, sender ?? this, recipient));
                Report(message, recipient);
                break;
        }
    }

    /// <summary>Whoever watches a dead ref is told at once that it is dead.</summary>
    internal static void AnswerForTheDead(SystemMessage message, IActorRef dead)
    {
        if (message is Watch watch) watch.Watcher.SendSystem(new DeathWatchNotification(dead, existenceConfirmed: false));
    }

    private void Report(object message, IActorRef recipient)
    {
        var most = SystemImpl.Settings.LogDeadLetters;
        if (most <= 0 || SystemImpl.Log is not { IsInfoEnabled: true } log) return;
        if (SystemImpl.IsTerminating && !SystemImpl.Settings.LogDeadLettersDuringShutdown) return;
        int count;
        lock (_gate)
        {
            var now = SystemImpl.Scheduler.MonotonicClock;
            if (_silentUntil > now) return;
            if (_silentUntil is not null) (_silentUntil, _logged) = (null, 0);
            count = ++_logged;
            if (count >= most) _silentUntil = now + SilentFor;
        }
        var end = count >= most ? $", no more dead letters will be logged in next [{SilentFor}]" : "";
        log.Info("Message [{0}] to {1} was not delivered. [{2}] dead letters encountered{3}.", message.GetType().Name, recipient.Path, count, end);
    }
}
