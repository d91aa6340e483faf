using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>A system under test and an actor whose messages the test receives. All waiting is on the thread of the test, in real time.</summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static long _numbers;
    private readonly ReceivedQueue _received = new();
    private readonly TimeSpan _singleExpect;
    private readonly TimeSpan _defaultTimeout;
    private readonly double _timeFactor;
    private ReceivedMessage _last;

    internal TestKitBase(ActorSystem system, Config config, string actorSystemName, string testActorName)
    {
        Sys = system ?? ActorSystem.Create(actorSystemName ?? "test", config ?? Config.Empty);
        var settings = Sys.Settings.Config;
        _singleExpect = settings.GetTimeSpan("akka.test.single-expect-default", TimeSpan.FromSeconds(3));
        _defaultTimeout = settings.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(5));
        _timeFactor = settings.GetDouble("akka.test.timefactor", 1);
        SystemImpl = (ActorSystemImpl)Sys;
        SystemImpl.Dispatchers.Register(CallingThreadDispatcher.ConfigurationPath, (c, p) => new CallingThreadDispatcherConfigurator(c, p));
        Log = Logging.GetLogger(Sys, GetType());
        var queue = _received;
        // ORDERING: the number pairs with nothing: it only must not be given twice.
        TestActor = SystemImpl.SystemActorOf(
            Props.Create(() => new InternalTestActor(queue)).WithDispatcher(CallingThreadDispatcher.ConfigurationPath),
            $"{testActorName ?? "testActor"}-{Interlocked.Increment(ref _numbers)}");
        if (this is INoImplicitSender) return;
        ActorCell.Current = ((LocalActorRef)TestActor).Cell;
        SynchronizationContext.SetSynchronizationContext(new ActorCellKeepingSynchronizationContext(ActorCell.Current));
    }

    /// <summary>The time the test waits in.</summary>
    public static TimeSpan Now => TestClock.Now;

    public ActorSystem Sys { get; }

    /// <summary>The actor whose messages Expect and its kin receive; sender of what the test sends.</summary>
    public IActorRef TestActor { get; }

    public ILoggingAdapter Log { get; }

    /// <summary>The message received last.</summary>
    public object LastMessage => _last?.Message;

    /// <summary>Who sent the message received last.</summary>
    public IActorRef LastSender => _last?.Sender;

    public bool HasMessages => _received.Count > 0;

    internal ActorSystemImpl SystemImpl { get; }

    /// <summary>Drops matching messages from now on, instead of receiving them.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) => TestActor.Tell(new InternalTestActor.SetIgnore(shouldIgnoreMessage));

    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) => IgnoreMessages(m => m is TMsg typed && shouldIgnoreMessage(typed));

    public void IgnoreMessages<TMsg>() => IgnoreMessages(m => m is TMsg);

    public void IgnoreNoMessages() => TestActor.Tell(new InternalTestActor.SetIgnore(null));

    /// <summary>Has the test actor watch: its Terminated is received as any message.</summary>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        TestActor.Tell(new InternalTestActor.StartWatching(actorToWatch));
        return actorToWatch;
    }

    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        TestActor.Tell(new InternalTestActor.StopWatching(actorToUnwatch));
        return actorToUnwatch;
    }

    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    public IActorRef ActorOf(Props props, string name) => Sys.ActorOf(props, name);

    public IActorRef ActorOf<TActor>()
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>());

    public IActorRef ActorOf<TActor>(string name)
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    public IActorRef ActorOf<TActor>(System.Linq.Expressions.Expression<Func<TActor>> factory)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory));

    public IActorRef ActorOf<TActor>(System.Linq.Expressions.Expression<Func<TActor>> factory, string name)
        where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    /// <summary>Another receiver of messages in the same system.</summary>
    public virtual TestProbe CreateTestProbe(string name = null) => CreateTestProbe(Sys, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string name = null) => new(system, name);

    /// <summary>Ends the system and waits for it, by default at most the default time-out.</summary>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) => Shutdown(Sys, duration, verifySystemShutdown);

    /// <exception cref="TimeoutException">It did not end in time, and that was to be verified.</exception>
    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        var ended = ((IAsyncResult)system.Terminate()).AsyncWaitHandle.WaitOne(duration ?? Dilated(_defaultTimeout));
        if (!ended && verifySystemShutdown) throw new TimeoutException($"{system} did not end in {duration ?? Dilated(_defaultTimeout)}.");
    }

    /// <summary>Takes the implicit sender of the test from this thread.</summary>
    internal void LeaveThread()
    {
        if (ReferenceEquals(ActorCell.Current, ((LocalActorRef)TestActor).Cell)) ActorCell.Current = null;
        if (SynchronizationContext.Current is ActorCellKeepingSynchronizationContext) SynchronizationContext.SetSynchronizationContext(null);
    }
}
