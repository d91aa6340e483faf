using Akka.Actor;

namespace Akka.Event;

/// <summary>Makes logging adapters.</summary>
public static class Logging
{
    public static string SimpleName(object o) => SimpleName(o.GetType());

    public static string SimpleName(Type t) => t.Name;

    /// <summary>The log of the actor that runs.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context, ILogMessageFormatter logMessageFormatter = null) =>
        GetLogger(context.System.EventStream, context, logMessageFormatter);

    /// <summary>A log whose source is an actor, a type, or a text.</summary>
    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj, ILogMessageFormatter logMessageFormatter = null) =>
        Make(system.EventStream, logSourceObj, $"({system})", logMessageFormatter);

    public static ILoggingAdapter GetLogger(LoggingBus loggingBus, object logSourceObj, ILogMessageFormatter logMessageFormatter = null) =>
        Make(loggingBus, logSourceObj, "", logMessageFormatter);

    /// <summary>The level of a configuration value; OFF is above all levels.</summary>
    /// <exception cref="ArgumentException">No such level.</exception>
    public static LogLevel LogLevelFor(string logLevel) => logLevel?.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.DebugLevel,
        "INFO" => LogLevel.InfoLevel,
        "WARNING" => LogLevel.WarningLevel,
        "ERROR" => LogLevel.ErrorLevel,
        "OFF" => (LogLevel)int.MaxValue,
        _ => throw new ArgumentException($"Unknown LogLevel: \"{logLevel}\". Valid values are: \"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\", \"OFF\"", nameof(logLevel)),
    };

    public static LogLevel LogLevelFor<T>()
        where T : LogEvent =>
        typeof(T) == typeof(Debug) ? LogLevel.DebugLevel
        : typeof(T) == typeof(Info) ? LogLevel.InfoLevel
        : typeof(T) == typeof(Warning) ? LogLevel.WarningLevel
        : typeof(T) == typeof(Error) ? LogLevel.ErrorLevel
        : throw new ArgumentException($"{typeof(T)} has no level.");

    private static BusLogging Make(LoggingBus bus, object source, string system, ILogMessageFormatter formatter)
    {
        var (name, type) = source switch
        {
            ActorCell cell => (cell.Self.Path.ToString(), cell.ActorType),
            IActorContext context => (context.Self.Path.ToString(), context.Props.Type),
            IActorRef actor => (actor.Path.ToString(), actor.GetType()),
            Type t => (t.Name + system, t),
            string text => (text + system, typeof(string)),
            _ => (SimpleName(source) + system, source.GetType()),
        };
        return new BusLogging(bus, name, type, formatter ?? DefaultLogMessageFormatter.Instance);
    }
}
