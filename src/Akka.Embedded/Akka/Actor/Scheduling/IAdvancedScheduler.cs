namespace Akka.Actor;

/// <summary>What <see cref="IScheduler.Advanced"/> is.</summary>
public interface IAdvancedScheduler : IActionScheduler
{
}
