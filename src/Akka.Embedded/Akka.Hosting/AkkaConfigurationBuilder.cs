using Akka.Actor;
using Akka.Configuration;
using Akka.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Akka.Hosting;

/// <summary>Collects how a hosted system is configured and what is started in it, in order.</summary>
public sealed class AkkaConfigurationBuilder
{
    private readonly List<ActorStarterWithResolver> _starters = [];
    private readonly List<StartupTask> _startupTasks = [];

    internal AkkaConfigurationBuilder(string actorSystemName) => ActorSystemName = actorSystemName;

    internal string ActorSystemName { get; }

    internal Config Hocon { get; private set; } = Config.Empty;

    /// <summary>Where AddLoggerFactory writes to; null: the factory of the host.</summary>
    internal ILoggerFactory LoggerFactory { get; set; }

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry> starter) => StartActors((system, registry, _) => starter(system, registry));

    public AkkaConfigurationBuilder StartActors(Action<ActorSystem, IActorRegistry, IDependencyResolver> starter) =>
        StartActors((system, registry, resolver) =>
        {
            starter(system, registry, resolver);
            return Task.CompletedTask;
        });

    public AkkaConfigurationBuilder StartActors(ActorStarter starter) => StartActors((system, registry, _) => starter(system, registry));

    public AkkaConfigurationBuilder StartActors(ActorStarterWithResolver starter)
    {
        _starters.Add(starter);
        return this;
    }

    public AkkaConfigurationBuilder AddStartup(Action<ActorSystem, IActorRegistry> startupTask) =>
        AddStartup((system, registry) =>
        {
            startupTask(system, registry);
            return Task.CompletedTask;
        });

    public AkkaConfigurationBuilder AddStartup(StartupTask startupTask)
    {
        _startupTasks.Add(startupTask);
        return this;
    }

    internal void Add(Config hocon, HoconAddMode mode) =>
        Hocon = mode == HoconAddMode.Append ? Hocon.WithFallback(hocon) : hocon.WithFallback(Hocon);

    internal async Task StartAll(ActorSystem system, IActorRegistry registry, IDependencyResolver resolver)
    {
        foreach (var starter in _starters) await starter(system, registry, resolver);
        foreach (var task in _startupTasks) await task(system, registry);
    }
}
