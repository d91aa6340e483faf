using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Vmm.Testing.Stepping;

/// <summary>Akka's scheduler on a <see cref="VirtualTime"/>. Named by <c>akka.scheduler.implementation</c>.</summary>
/// <param name="config">The system's configuration; says whose time it is.</param>
/// <param name="log">Where Akka's schedulers log.</param>
public sealed class VirtualScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log), IDateTimeOffsetNowTimeProvider
{
    private readonly VirtualTime _time = SteppingRegistry.Find(config).Time;

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => _time.Now;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => _time.Now;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch + _time.Now;

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        _time.Add(delay, null, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        _time.Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        _time.Add(delay, null, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Akka.Dispatch.IRunnable action, ICancelable cancelable) =>
        _time.Add(delay, null, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        _time.Add(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Akka.Dispatch.IRunnable action, ICancelable cancelable) =>
        _time.Add(initialDelay, interval, action.Run, cancelable);
}
