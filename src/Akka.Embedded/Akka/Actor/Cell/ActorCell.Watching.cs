namespace Akka.Actor;

/// <content>Death watch.</content>
internal sealed partial class ActorCell
{
    private Dictionary<IActorRef, object> _watching;
    private HashSet<ISystemRef> _watchedBy;

    // Watched actors whose Terminated is in the mailbox, with the message to deliver in its place or null.
    private Dictionary<IActorRef, object> _ended;

    public IActorRef Watch(IActorRef subject) => StartWatching(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message) => StartWatching(subject, message ?? throw new ArgumentNullException(nameof(message)));

    public IActorRef Unwatch(IActorRef subject)
    {
        if (subject is ISystemRef target && !target.Equals(Self))
        {
            if (_watching is not null && _watching.Remove(subject)) target.SendSystem(new Unwatch(Self));
            _ended?.Remove(subject);
        }
        return subject;
    }

    /// <summary>A stashed Terminated comes back through the mailbox and must not be taken for a forwarded one.</summary>
    internal void ExpectAgain(Terminated end) => (_ended ??= [])[end.ActorRef] = null;

    private IActorRef StartWatching(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (subject is Nobody) Ended(subject, existenceConfirmed: false, message);
        if (subject is not ISystemRef target || target.Equals(Self)) return subject;
        // The first kind of watch wins: a second one is ignored.
        if ((_watching ??= []).TryAdd(subject, message)) target.SendSystem(new Watch(Self));
        return subject;
    }

    private void AddWatcher(ISystemRef watcher) => (_watchedBy ??= []).Add(watcher);

    private void HandleDeath(DeathWatchNotification death)
    {
        // The child goes first, so that its name is free when Terminated is handled.
        RemoveChild(death.Actor);
        if (_watching is not null && _watching.Remove(death.Actor, out var message) && !_terminating) Ended(death.Actor, death.ExistenceConfirmed, message);
        FinishTerminationWhenAlone();
    }

    private void Ended(IActorRef actor, bool existenceConfirmed, object message)
    {
        (_ended ??= [])[actor] = message;
        Self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated: false), actor);
    }

    private void ReceiveTerminated(Terminated end)
    {
        // Not expected: unwatched meanwhile, or forwarded by somebody else.
        if (_ended is null || !_ended.Remove(end.ActorRef, out var message)) return;
        _message = message ?? end;
        _actor.Handle(_behaviour, _message);
    }

    private void TellWatchers()
    {
        // The parent learns of it whether it watches or not, and before the others, so that names are free early.
        ParentRef.SendSystem(new DeathWatchNotification(Self, existenceConfirmed: true));
        foreach (var watcher in _watchedBy ?? [])
        {
            if (!watcher.Equals(ParentRef)) watcher.SendSystem(new DeathWatchNotification(Self, existenceConfirmed: true));
        }
        foreach (var subject in _watching?.Keys ?? Enumerable.Empty<IActorRef>()) ((ISystemRef)subject).SendSystem(new Unwatch(Self));
        _watchedBy = null;
        _watching = null;
        _ended = null;
    }
}
