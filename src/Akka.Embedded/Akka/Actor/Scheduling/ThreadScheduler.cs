using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Real time: one background thread that starts with the first entry and is never early.</summary>
internal sealed class ThreadScheduler(Config scheduler, ILoggingAdapter log) : SchedulerBase(scheduler, log), IDateTimeOffsetNowTimeProvider, IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private readonly object _gate = new();
    private readonly PriorityQueue<Entry, (TimeSpan At, long Order)> _entries = new();
    private long _order;
    private bool _started;
    private bool _ended;

    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(0);

    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(0);

    protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _entries.Clear();
            Monitor.Pulse(_gate);
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, null, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, null, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, null, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan? interval, Action action, ICancelable cancelable)
    {
        if (cancelable is { IsCancellationRequested: true }) return;
        Enqueue(delay, new Entry(action, interval, cancelable));
    }

    private void Enqueue(TimeSpan delay, Entry entry)
    {
        lock (_gate)
        {
            if (_ended) return;
            _entries.Enqueue(entry, (MonotonicClock + delay, _order++));
            if (_started)
            {
                Monitor.Pulse(_gate);
                return;
            }
            _started = true;
        }
        new Thread(RunEntries) { IsBackground = true, Name = "akka-scheduler" }.Start();
    }

    private void RunEntries()
    {
        while (TakeDue() is { } entry)
        {
            if (entry.Cancelable is { IsCancellationRequested: true }) continue;
            try
            {
                entry.Action();
            }
            catch (Exception cause)
            {
                Log.Error(cause, "A scheduled action threw; its schedule goes on.");
            }
            if (entry.Interval is { } interval) Enqueue(interval, entry);
        }
    }

    /// <summary>Waits for the next entry that is due; null at the end.</summary>
    private Entry TakeDue()
    {
        lock (_gate)
        {
            while (!_ended)
            {
                if (!_entries.TryPeek(out _, out var next))
                {
                    Monitor.Wait(_gate);
                    continue;
                }
                var left = next.At - MonotonicClock;
                if (left <= TimeSpan.Zero) return _entries.Dequeue();
                // Waits are whole milliseconds, rounded up so that nothing is early; long ones are cut as Wait has a limit.
                var wait = left < LongestSleep ? left : LongestSleep;
                Monitor.Wait(_gate, (int)Math.Ceiling(wait.TotalMilliseconds));
            }
            return null;
        }
    }

    private sealed record Entry(Action Action, TimeSpan? Interval, ICancelable Cancelable);
}
