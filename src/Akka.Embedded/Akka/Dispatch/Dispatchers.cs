using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>The dispatchers of a system, by configuration path.</summary>
public sealed class Dispatchers
{
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";

    internal const string InternalDispatcherId = "akka.actor.internal-dispatcher";

    private readonly ConcurrentDictionary<string, Lazy<MessageDispatcher>> _known = new();
    private readonly ActorSystemImpl _system;
    private readonly DispatcherPrerequisites _prerequisites;

    internal Dispatchers(ActorSystemImpl system)
    {
        _system = system;
        _prerequisites = new DispatcherPrerequisites(system);
    }

    /// <summary>Where actors run that name no dispatcher.</summary>
    public MessageDispatcher DefaultGlobalDispatcher => Lookup(DefaultDispatcherId);

    /// <summary>The dispatcher of a configuration path.</summary>
    /// <exception cref="ConfigurationException">There is no such section, or its type is wrong.</exception>
    public MessageDispatcher Lookup(string dispatcherName) =>
        _known.TryGetValue(dispatcherName, out var known) ? known.Value : _known.GetOrAdd(dispatcherName, id => new Lazy<MessageDispatcher>(() => Make(id))).Value;

    public bool HasDispatcher(string id) => _known.ContainsKey(id) || _system.Settings.Config.HasPath(id);

    internal void Register(string id, Func<Config, IDispatcherPrerequisites, MessageDispatcherConfigurator> make) =>
        _known.GetOrAdd(id, _ => new Lazy<MessageDispatcher>(() => make(SectionOf(id), _prerequisites).Dispatcher()));

    internal void ShutDown()
    {
        foreach (var dispatcher in _known.Values.Where(d => d.IsValueCreated)) dispatcher.Value.End();
    }

    private MessageDispatcher Make(string id)
    {
        if (!_system.Settings.Config.HasPath(id)) throw new ConfigurationException($"Dispatcher [{id}] not configured: there is no section of that path.");
        var section = SectionOf(id);
        var type = section.GetString("type");
        if (string.IsNullOrEmpty(type)) throw new ConfigurationException($"{id}.type is missing: it is \"Dispatcher\" or the type of a configurator.");
        if (type == "Dispatcher") return new ThreadPoolDispatcherConfigurator(section, _prerequisites).Dispatcher();
        return TypeByName.Make<MessageDispatcherConfigurator>(id + ".type", type, section, _prerequisites).Dispatcher();
    }

    private Config SectionOf(string id) => Config.Of(("id", id))
        .WithFallback(_system.Settings.Config.GetConfig(id))
        .WithFallback(Config.Of(("throughput", _system.Settings.Config.GetString(DefaultDispatcherId + ".throughput"))));
}
