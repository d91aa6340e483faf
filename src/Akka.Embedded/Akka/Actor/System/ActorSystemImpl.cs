using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

internal sealed class ActorSystemImpl : ActorSystem
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<Action> _onTermination = new();
    private readonly Lock _gate = new();
    private readonly List<object> _services;
    private readonly ActorPath _tempPath;
    private readonly ActorCell _root;
    private readonly LocalActorRef _user;
    private readonly LocalActorRef _system;
    private long _uid;
    private long _temp;

    /// <summary><paramref name="services"/> are things that loggers and the hosting ask for by type.</summary>
    internal ActorSystemImpl(string name, Config config, params object[] services)
    {
        if (!IsValidName(name))
        {
            throw new ArgumentException($"Invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-')", nameof(name));
        }
        Name = name;
        _services = [.. services];
        Settings = new Settings(this, config);
        EventStream = new EventStream(Logging.LogLevelFor(Settings.LogLevel));
        Log = Logging.GetLogger(this, "ActorSystem");
        Scheduler = MakeScheduler();
        StartTime = Scheduler.MonotonicClock;
        Dispatchers = new Dispatchers(this);
        var rootPath = ActorPath.NewRoot(name);
        _tempPath = rootPath.Child("temp");
        DeadLetterRef = new DeadLetterActorRef(this, rootPath.Child("deadLetters"));
        var aboveRoot = new AboveRoot(this, rootPath.Child("bubble-walker"));
        var guardians = Props.Create<Guardian>().WithDispatcher(Dispatchers.InternalDispatcherId);
        _root = new ActorCell(this, guardians.WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy), rootPath, aboveRoot, Dispatchers.Lookup(Dispatchers.InternalDispatcherId));
        _root.Self.SendSystem(new Create());
        _system = (LocalActorRef)_root.ActorOf(guardians.WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy), "system");
        _user = (LocalActorRef)_root.ActorOf(guardians.WithSupervisorStrategy(SupervisorStrategyConfigurator.CreateConfigurator(Settings.SupervisorStrategyClass).Create()), "user");
        _root.Self.Tell(new WatchGuardians(_user, _system));
    }

    public override Settings Settings { get; }

    public override string Name { get; }

    public override EventStream EventStream { get; }

    public override IActorRef DeadLetters => DeadLetterRef;

    public override Dispatchers Dispatchers { get; }

    public override IScheduler Scheduler { get; }

    public override ILoggingAdapter Log { get; }

    public override Task WhenTerminated => _terminated.Task;

    internal DeadLetterActorRef DeadLetterRef { get; }

    internal LocalActorRef SystemGuardian => _system;

    internal bool IsTerminating { get; private set; }

    public override IActorRef ActorOf(Props props, string name = null) => _user.Cell.ActorOf(props, name);

    public override void Stop(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        (actor as ISystemRef)?.SendSystem(new Terminate());
    }

    public override Task Terminate()
    {
        BeginTermination();
        _user.Stop();
        return WhenTerminated;
    }

    public override void RegisterOnTermination(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        lock (_gate)
        {
            if (_terminated.Task.IsCompleted) throw new InvalidOperationException("ActorSystem already terminated.");
            _onTermination.Push(code);
        }
    }

    public override string ToString() => "akka://" + Name;

    internal ActorSystemImpl Start()
    {
        var number = 0;
        foreach (var type in Settings.Loggers) StartLogger(type, ++number);
        return this;
    }

    /// <summary>An actor beside the user's, as loggers are.</summary>
    internal IActorRef SystemActorOf(Props props, string name) => _system.Cell.ActorOf(props, name);

    /// <summary>What was given to the system by that type, or null.</summary>
    internal T Service<T>()
        where T : class => Service<T>(null);

    /// <summary>What was given to the system by that type, or else made now and kept.</summary>
    internal T Service<T>(Func<T> make)
        where T : class
    {
        lock (_gate)
        {
            if (_services.OfType<T>().FirstOrDefault() is { } known) return known;
            var made = make?.Invoke();
            if (made is not null) _services.Add(made);
            return made;
        }
    }

    // ORDERING: the counters pair with nothing: only that no number is given twice matters.
    internal long NextUid() => Interlocked.Increment(ref _uid);

    internal ActorPath NewTempPath() => _tempPath.Child("$" + Interlocked.Increment(ref _temp));

    /// <summary>No new dead-letter lines are wanted from here on.</summary>
    internal void BeginTermination() => IsTerminating = true;

    /// <summary>Called when a guardian has ended: users first, then the system's own, then the root.</summary>
    internal void GuardianEnded(IActorRef guardian)
    {
        BeginTermination();
        if (guardian.Equals(_user)) _system.Stop();
        else if (guardian.Equals(_system)) _root.Self.Stop();
    }

    /// <summary>Called when the root has ended.</summary>
    internal void RootEnded()
    {
        (Scheduler as IDisposable)?.Dispose();
        Dispatchers.ShutDown();
        RunTerminationCallbacks();
    }

    private static bool IsValidName(string name) =>
        !string.IsNullOrEmpty(name) && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private IScheduler MakeScheduler() => Settings.SchedulerClass == "Akka.Actor.HashedWheelTimerScheduler"
        ? new ThreadScheduler(Settings.Config, Log)
        : TypeByName.Make<IScheduler>("akka.scheduler.implementation", Settings.SchedulerClass, Settings.Config, Log);

    private void StartLogger(string typeName, int number)
    {
        var type = Type.GetType(typeName, throwOnError: false)
            ?? throw new ConfigurationException($"akka.loggers: \"{typeName}\": no such type. Write \"Namespace.Type, Assembly\", or leave the list empty.");
        if (!typeof(LoggerActor).IsAssignableFrom(type)) throw new ConfigurationException($"akka.loggers: \"{typeName}\" is not a logger that is supported here.");
        var logger = SystemActorOf(Props.Create(type), $"log{number}-{type.Name}");
        EventStream.Subscribe(logger, typeof(LogEvent));
    }

    /// <summary>Runs the callbacks, and completes the termination in the step that finds none left: none is registered in vain.</summary>
    private void RunTerminationCallbacks()
    {
        while (true)
        {
            Action code;
            lock (_gate)
            {
                if (!_onTermination.TryPop(out code))
                {
                    _terminated.TrySetResult();
                    return;
                }
            }
            try
            {
                code();
            }
            catch (Exception cause)
            {
                Log.Error(cause, "A termination callback threw; the others run all the same.");
            }
        }
    }
}
