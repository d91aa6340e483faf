namespace Akka.Actor;

/// <summary>Ends an Ask by time or by a token, whichever comes first.</summary>
internal sealed class AskLimit : IDisposable
{
    private readonly Timer _timer;
    private readonly CancellationTokenRegistration _registration;

    internal AskLimit(TimeSpan timeout, Action<TimeSpan> timedOut, Action<CancellationToken> cancelled, CancellationToken cancellationToken)
    {
        // The time-out is real time, as Akka's: a virtual scheduler does not move it.
        if (timeout > TimeSpan.Zero) _timer = new Timer(_ => timedOut(timeout), null, timeout, Timeout.InfiniteTimeSpan);
        if (cancellationToken.CanBeCanceled) _registration = cancellationToken.Register(() => cancelled(cancellationToken));
    }

    public void Dispose()
    {
        _timer?.Dispose();
        // Does not wait for a callback that runs: it may be the one that disposes.
        _registration.Unregister();
    }
}
