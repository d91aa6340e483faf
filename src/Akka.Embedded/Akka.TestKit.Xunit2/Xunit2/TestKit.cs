using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Internal;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>Base of xunit test classes: a system a test, ended with it. With an output, log events are written to it too.</summary>
public class TestKit : TestKitBase, IDisposable
{
    protected readonly ITestOutputHelper Output;

    private bool _disposed;

    public TestKit(ActorSystem system = null, ITestOutputHelper output = null)
        : base(system, null, null, null)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(Config config, string actorSystemName = null, ITestOutputHelper output = null)
        : base(null, config, actorSystemName, null)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(string config, ITestOutputHelper output = null)
        : this(ConfigurationFactory.ParseString(config), null, output)
    {
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs when the test has ended, before the system is ended.</summary>
    protected virtual void AfterAll()
    {
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        try
        {
            AfterAll();
        }
        finally
        {
            LeaveThread();
            Shutdown();
        }
    }

    private void InitializeLogger(ActorSystem system)
    {
        if (Output is null) return;
        var output = Output;
        var logger = SystemImpl.SystemActorOf(Props.Create(() => new OutputLogger(output)), "log-test-output");
        system.EventStream.Subscribe(logger, typeof(LogEvent));
    }
}
