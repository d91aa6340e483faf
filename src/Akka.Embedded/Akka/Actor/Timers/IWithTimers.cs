namespace Akka.Actor;

/// <summary>An actor with timers of its own, usable from its constructor on; they end with it.</summary>
public interface IWithTimers
{
    ITimerScheduler Timers { get; set; }
}
