using Akka.Configuration;

namespace Akka.Actor;

/// <summary>The configuration of a system, read.</summary>
public class Settings
{
    internal const string GuardianStrategyKey = "akka.actor.guardian-supervisor-strategy";

    internal Settings(ActorSystem system, Config config)
    {
        System = system;
        Config = (config ?? Config.Empty).WithFallback(ConfigurationFactory.Default());
        AskTimeout = Config.GetTimeSpan("akka.actor.ask-timeout");
        LogLevel = Config.GetString("akka.loglevel");
        StdoutLogLevel = Config.GetString("akka.stdout-loglevel");
        Loggers = Config.GetStringList("akka.loggers");
        LogDeadLetters = Config.GetString("akka.log-dead-letters").ToUpperInvariant() switch
        {
            "ON" or "TRUE" => int.MaxValue,
            "OFF" or "FALSE" => 0,
            _ => Config.GetInt("akka.log-dead-letters"),
        };
        LogDeadLettersDuringShutdown = Config.GetBoolean("akka.log-dead-letters-during-shutdown");
        SupervisorStrategyClass = Config.GetString(GuardianStrategyKey);
        SchedulerClass = Config.GetString("akka.scheduler.implementation");
    }

    public ActorSystem System { get; }

    public Config Config { get; }

    public string SupervisorStrategyClass { get; }

    public TimeSpan AskTimeout { get; }

    public string LogLevel { get; }

    public string StdoutLogLevel { get; }

    public IList<string> Loggers { get; }

    /// <summary>How many dead letters are logged before a pause.</summary>
    public int LogDeadLetters { get; }

    public bool LogDeadLettersDuringShutdown { get; }

    public string SchedulerClass { get; }
}
