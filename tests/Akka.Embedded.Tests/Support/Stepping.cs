using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Embedded.Tests.Support;

/// <summary>Runnable mailboxes in one place; a seed chooses the next. One at a time: tests do not run in parallel.</summary>
public static class Stepper
{
    private static readonly List<IRunnable> Runnable = [];
    private static Random _random = new(1);

    public static void Seed(int seed)
    {
        lock (Runnable) Runnable.Clear();
        _random = new Random(seed);
    }

    public static void Add(IRunnable run)
    {
        lock (Runnable) Runnable.Add(run);
    }

    /// <summary>Runs until nothing is runnable; the number of steps.</summary>
    public static int RunToQuiet()
    {
        var steps = 0;
        for (; Take() is { } next; steps++) next.Run();
        return steps;
    }

    private static IRunnable? Take()
    {
        lock (Runnable)
        {
            if (Runnable.Count == 0) return null;
            var at = _random.Next(Runnable.Count);
            var next = Runnable[at];
            Runnable.RemoveAt(at);
            return next;
        }
    }
}

public sealed class SteppedConfigurator(Config config, IDispatcherPrerequisites prerequisites) : MessageDispatcherConfigurator(config, prerequisites)
{
    public override MessageDispatcher Dispatcher() => new SteppedDispatcher(this);
}

public sealed class SteppedDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    protected override void ExecuteTask(IRunnable run) => Stepper.Add(run);

    protected override void Shutdown()
    {
    }
}

/// <summary>Time that passes only when a test says so.</summary>
public sealed class VirtualScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log), IDateTimeOffsetNowTimeProvider
{
    private readonly PriorityQueue<Entry, (TimeSpan At, int Order)> _entries = new();
    private TimeSpan _now;
    private int _order;

    public override TimeSpan MonotonicClock => _now;

    public override TimeSpan HighResMonotonicClock => _now;

    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch + _now;

    public void Advance(TimeSpan time)
    {
        var end = _now + time;
        while (_entries.TryPeek(out var entry, out var next) && next.At <= end)
        {
            _entries.Dequeue();
            _now = next.At;
            if (entry.Cancelable?.IsCancellationRequested == true) continue;
            entry.Action();
            if (entry.Every is { } every) Put(every, entry);
            Stepper.RunToQuiet();
        }
        _now = end;
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Put(delay, new Entry(() => receiver.Tell(message, sender), null, cancelable));

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Put(initialDelay, new Entry(() => receiver.Tell(message, sender), interval, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Put(delay, new Entry(action, null, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Put(delay, new Entry(action.Run, null, cancelable));

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Put(initialDelay, new Entry(action, interval, cancelable));

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Put(initialDelay, new Entry(action.Run, interval, cancelable));

    private void Put(TimeSpan delay, Entry entry) => _entries.Enqueue(entry, (_now + delay, _order++));

    private sealed record Entry(Action Action, TimeSpan? Every, ICancelable? Cancelable);
}
