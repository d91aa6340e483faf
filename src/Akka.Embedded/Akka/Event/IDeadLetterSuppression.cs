namespace Akka.Event;

/// <summary>Marks messages whose loss is no news: they become <see cref="SuppressedDeadLetter"/>.</summary>
public interface IDeadLetterSuppression
{
}
