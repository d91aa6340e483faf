using Akka.Actor;

namespace Akka.Event;

/// <summary>The bus that log events travel on: knows the least level that is logged.</summary>
public abstract class LoggingBus : EventBus<object, Type, IActorRef>
{
    internal LoggingBus(LogLevel logLevel) => LogLevel = logLevel;

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; }
}
