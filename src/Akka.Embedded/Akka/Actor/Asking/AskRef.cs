using System.Globalization;

namespace Akka.Actor;

/// <summary>The ref behind an Ask: the first message it gets completes the task, later ones are dead letters.</summary>
internal sealed class AskRef<T>(ActorSystemImpl system) : ActorRefWithIdentity(system)
{
    // Continuations never run on the thread of the actor that replies.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorPath _path;
    private AskLimit _limit;

    // ORDERING: the first path that is published is the one; later makers take it.
    public override ActorPath Path => _path ?? Interlocked.CompareExchange(ref _path, SystemImpl.NewTempPath(), null) ?? _path;

    internal Task<T> Task => _result.Task;

    public override void Tell(object message, IActorRef sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        var first = message switch
        {
            T reply => _result.TrySetResult(reply),
            Status.Failure failure => _result.TrySetException(failure.Cause ?? new TaskCanceledException("The actor replied with a failure that has no cause.")),
            _ => _result.TrySetException(new ArgumentException($"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]")),
        };
        if (first) _limit?.Dispose();
        // Who cancelled does not want the reply; who timed out may still want to see it as a dead letter.
        else if (!_result.Task.IsCanceled) SystemImpl.DeadLetterRef.Publish(message, sender, this);
    }

    public override void SendSystem(SystemMessage message)
    {
        if (message is not Watch watch) return;
        if (_result.Task.IsCompleted) DeadLetterActorRef.AnswerForTheDead(message, this);
        else _result.Task.ContinueWith(_ => watch.Watcher.SendSystem(new DeathWatchNotification(this, existenceConfirmed: true)), TaskScheduler.Default);
    }

    internal void Limit(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout <= TimeSpan.Zero && !cancellationToken.CanBeCanceled) return;
        _limit = new AskLimit(
            timeout,
            time => _result.TrySetException(new AskTimeoutException("Timeout after " + time.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture) + " seconds")),
            token => _result.TrySetCanceled(token),
            cancellationToken);
        // A token that was already cancelled, or a very short time, may have come before _limit was set.
        if (_result.Task.IsCompleted) _limit.Dispose();
    }
}
