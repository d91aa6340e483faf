namespace Akka.Event;

/// <summary>The adapter: publishes log events.</summary>
internal sealed class BusLogging(LoggingBus bus, string source, Type sourceClass, ILogMessageFormatter formatter) : ILoggingAdapter
{
    private readonly LogLevel _least = bus.LogLevel;

    public ILogMessageFormatter Formatter { get; } = formatter;

    public bool IsDebugEnabled => IsEnabled(LogLevel.DebugLevel);

    public bool IsInfoEnabled => IsEnabled(LogLevel.InfoLevel);

    public bool IsWarningEnabled => IsEnabled(LogLevel.WarningLevel);

    public bool IsErrorEnabled => IsEnabled(LogLevel.ErrorLevel);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least;

    public void Log(LogLevel logLevel, Exception cause, string format)
    {
        if (IsEnabled(logLevel)) Publish(logLevel, cause, format);
    }

    internal void Publish(LogLevel logLevel, Exception cause, object message) => bus.Publish(logLevel switch
    {
        LogLevel.DebugLevel => new Debug(cause, source, sourceClass, message),
        LogLevel.InfoLevel => new Info(cause, source, sourceClass, message),
        LogLevel.WarningLevel => new Warning(cause, source, sourceClass, message),
        _ => (LogEvent)new Error(cause, source, sourceClass, message),
    });
}
