using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Hosting.Logging;

/// <summary>Writes to a Microsoft.Extensions logger; the category is the actor system.</summary>
internal sealed class LoggerFactoryLogger : LoggerActor
{
    private readonly ILogger _log = ((ActorSystemImpl)Context.System).Service<ILoggerFactory>()?.CreateLogger<ActorSystem>()
        ?? throw new InvalidOperationException("There is no ILoggerFactory: AddLoggerFactory needs a host with logging, or a factory given to it.");

    protected override void Write(LogEvent line) =>
        _log.Log(LevelOf(line), line.Cause, "[{Thread}][{LogSource}] {Text}", line.Thread.ManagedThreadId, line.LogSource, line.Message);

    private static LogLevel LevelOf(LogEvent line) => line.LogLevel() switch
    {
        Event.LogLevel.DebugLevel => LogLevel.Debug,
        Event.LogLevel.InfoLevel => LogLevel.Information,
        Event.LogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
