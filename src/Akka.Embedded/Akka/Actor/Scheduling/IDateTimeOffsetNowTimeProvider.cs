namespace Akka.Actor;

/// <summary>Time that has a date.</summary>
public interface IDateTimeOffsetNowTimeProvider : ITimeProvider
{
}
