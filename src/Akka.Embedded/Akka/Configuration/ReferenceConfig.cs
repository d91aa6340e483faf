namespace Akka.Configuration;

/// <summary>What holds where a system's configuration says nothing.</summary>
internal static class ReferenceConfig
{
    internal static readonly Config Value = FlatConfigParser.Parse("""
        akka.loglevel = "INFO"
        akka.stdout-loglevel = "WARNING"
        akka.loggers = ["Akka.Event.DefaultLogger"]
        akka.log-dead-letters = 10
        akka.log-dead-letters-during-shutdown = on
        akka.actor.ask-timeout = infinite
        akka.actor.guardian-supervisor-strategy = "Akka.Actor.DefaultSupervisorStrategy"
        akka.actor.default-dispatcher.type = "Dispatcher"
        akka.actor.default-dispatcher.throughput = 30
        akka.actor.internal-dispatcher.type = "Dispatcher"
        akka.actor.internal-dispatcher.throughput = 5
        akka.scheduler.implementation = "Akka.Actor.HashedWheelTimerScheduler"
        """);
}
