namespace Akka.Event;

/// <summary>A line for the log, published on the event stream.</summary>
public abstract class LogEvent
{
    protected LogEvent()
    {
        Timestamp = TimeProvider.System.GetUtcNow().UtcDateTime;
        Thread = Thread.CurrentThread;
    }

    public Exception Cause { get; protected set; }

    /// <summary>UTC, real time.</summary>
    public DateTime Timestamp { get; }

    public Thread Thread { get; }

    /// <summary>Of an actor, its path without uid.</summary>
    public string LogSource { get; protected set; }

    public Type LogClass { get; protected set; }

    /// <summary>Its text is formatted when it is asked for.</summary>
    public object Message { get; protected set; }

    public abstract LogLevel LogLevel();

    public override string ToString()
    {
        var level = GetType().Name.ToUpperInvariant();
        var line = $"[{level}][{Timestamp:MM/dd/yyyy HH:mm:ss.fff}Z][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}";
        return Cause is null ? line : line + Environment.NewLine + "Cause: " + Cause;
    }

    internal void Fill(Exception cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
    }
}
