namespace Akka.Dispatch;

/// <summary>Decides when and on which thread mailboxes run.</summary>
public abstract class MessageDispatcher
{
    /// <summary>The throughput when the section has none.</summary>
    public const int DefaultThroughput = 100;

    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
    {
        Configurator = configurator;
        Id = configurator.Config.GetString("id");
        Throughput = configurator.Config.GetInt("throughput", DefaultThroughput);
    }

    public MessageDispatcherConfigurator Configurator { get; }

    /// <summary>The configuration path.</summary>
    public string Id { get; protected set; }

    /// <summary>After the first user message of a turn, at most so many more.</summary>
    public int Throughput { get; protected set; }

    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    public void Schedule(IRunnable run) => ExecuteTask(run);

    internal void End() => Shutdown();

    /// <summary>Runs it, now or later, once.</summary>
    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>Called when the system has ended.</summary>
    protected abstract void Shutdown();
}
