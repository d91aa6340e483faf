using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>Makes the dispatcher of a configuration section; named by its key <c>type</c>.</summary>
public abstract class MessageDispatcherConfigurator
{
    protected MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    {
        Config = config;
        Prerequisites = prerequisites;
    }

    /// <summary>The section, with its path as <c>id</c>.</summary>
    public Config Config { get; }

    public IDispatcherPrerequisites Prerequisites { get; }

    /// <summary>The dispatcher.</summary>
    public abstract MessageDispatcher Dispatcher();
}
