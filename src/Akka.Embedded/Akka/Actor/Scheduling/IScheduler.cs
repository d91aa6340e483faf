namespace Akka.Actor;

/// <summary>The scheduler of a system: its time, and work at a time.</summary>
public interface IScheduler : ITellScheduler, ITimeProvider
{
    IAdvancedScheduler Advanced { get; }
}
