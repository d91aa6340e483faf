using Akka.Event;

namespace Akka.Actor;

/// <summary>What a timer puts into the mailbox; the actor gets the message of the timer in its place.</summary>
internal sealed class TimerMessage(object key, object message, bool repeats) : IDeadLetterSuppression
{
    internal object Key { get; } = key;

    internal object Message { get; } = message;

    internal bool Repeats { get; } = repeats;

    internal Cancelable Schedule { get; set; }

    public override string ToString() => $"timer {Key}: {Message}";
}

internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    // The message is the generation too: one that is not in the table belongs to a timer that was replaced.
    private readonly Dictionary<object, TimerMessage> _timers = [];

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) => Start(key, msg, initialDelay, interval, null);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, null);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out var timer)) timer.Schedule.Cancel();
    }

    public void CancelAll()
    {
        foreach (var timer in _timers.Values) timer.Schedule.Cancel();
        _timers.Clear();
    }

    /// <summary>The message to handle, or null when the timer is not the one of its key any more.</summary>
    internal object Take(TimerMessage timer)
    {
        if (!_timers.TryGetValue(timer.Key, out var current) || !ReferenceEquals(current, timer)) return null;
        if (!timer.Repeats) _timers.Remove(timer.Key);
        return timer.Message;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, IActorRef sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        Cancel(key);
        var scheduler = cell.System.Scheduler;
        var timer = new TimerMessage(key, message, interval is not null) { Schedule = new Cancelable(scheduler) };
        if (interval is { } every) scheduler.ScheduleTellRepeatedly(delay, every, cell.Self, timer, sender, timer.Schedule);
        else scheduler.ScheduleTellOnce(delay, cell.Self, timer, sender, timer.Schedule);
        _timers[key] = timer;
    }
}
