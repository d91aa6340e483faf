using Akka.Event;

namespace Akka.Actor;

/// <content>Creation, failure and termination. Nothing is ever restarted or resumed: a failure ends in a stop.</content>
internal sealed partial class ActorCell
{
    private bool _failed;

    internal bool IsTerminated => Mailbox.IsClosed;

    internal ActorBase Actor => _actor;

    internal void InvokeSystem(SystemMessage message)
    {
        try
        {
            switch (message)
            {
                case Create:
                    CreateActor();
                    break;
                case Terminate:
                    BeginTermination();
                    break;
                case Suspend:
                    SuspendAll();
                    break;
                case Failed failed:
                    HandleFailure(failed);
                    break;
                case Watch watch:
                    AddWatcher(watch.Watcher);
                    break;
                case Unwatch unwatch:
                    _watchedBy?.Remove(unwatch.Watcher);
                    break;
                case DeathWatchNotification death:
                    HandleDeath(death);
                    break;
            }
        }
        catch (Exception cause)
        {
            Fail(cause);
        }
    }

    private void CreateActor()
    {
        try
        {
            _actor = Props.NewActor() ?? throw new InvalidOperationException($"The producer of {Props.Type} made no actor.");
            (_actor as ReceiveActor)?.FinishConstruction();
            if (_actor is IActorStash stashing) stashing.Stash = _stash = new StashQueue(this);
            _actor.AroundPreStart();
        }
        catch (Exception cause)
        {
            throw new ActorInitializationException(Self, "Exception during creation", cause);
        }
    }

    private void Fail(Exception cause)
    {
        if (_terminating || _failed)
        {
            LogError(cause, "failed again while it was being stopped");
            return;
        }
        _failed = true;
        SuspendAll();
        ParentRef.SendSystem(new Failed(Self, cause));
    }

    private void SuspendAll()
    {
        Mailbox.Suspend();
        foreach (var child in ChildRefs()) child.SendSystem(new Suspend());
    }

    private void HandleFailure(Failed failed)
    {
        if (_terminating || !IsChild(failed.Child)) return;
        var strategy = _actor?.Strategy ?? Props.SupervisorStrategy ?? SupervisorStrategy.Unset;
        strategy.HandleFailure(this, failed.Child, failed.Cause);
    }

    private void BeginTermination()
    {
        LocalActorRef[] children;
        lock (_childGate)
        {
            if (_terminating) return;
            _terminating = true;
            children = _children is null ? [] : [.. _children.Values];
        }
        Mailbox.Suspend();
        foreach (var child in children) child.Stop();
        FinishTerminationWhenAlone();
    }

    private void FinishTerminationWhenAlone()
    {
        lock (_childGate)
        {
            if (!_terminating || Mailbox.IsClosed || _children is { Count: > 0 }) return;
        }
        EndActor();
        if (Self.IsSubscriber) SystemImpl.EventStream.Unsubscribe(Self);
        Mailbox.Close();
        TellWatchers();
        _actor = null;
        _sender = null;
    }

    private void EndActor()
    {
        try
        {
            _timers?.CancelAll();
            _actor?.AroundPostStop();
        }
        catch (Exception cause)
        {
            LogError(cause, "threw in PostStop");
        }
        try
        {
            (_actor as IDisposable)?.Dispose();
        }
        catch (Exception cause)
        {
            LogError(cause, "threw in Dispose");
        }
        _timers?.CancelAll();
        _stash?.UnstashAll();
    }

    private void LogError(Exception cause, string what) =>
        SystemImpl.EventStream.Publish(new Error(cause, Self.Path.ToString(), ActorType, $"{Self.Path} {what}: {cause.Message}"));
}
