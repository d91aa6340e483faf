using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;

namespace Vmm.Testing.Stepping;

/// <summary>
/// An actor system in which nothing runs by itself: a seed decides the order of mailboxes, ring workers and continuations,
/// and time stands still until advanced. Driven by one thread. Disposing terminates the system.
/// </summary>
public sealed class SteppedSystem : IDisposable
{
    // By the wall clock: work that left for the thread pool is back long before, and then no timer is taken for it.
    private static readonly TimeSpan PoolGrace = TimeSpan.FromMilliseconds(30);

    private readonly SteppedRun _run;
    private readonly SteppedContext _context;
    private readonly string _id;

    private SteppedSystem(int seed, string name)
    {
        _run = new SteppedRun(seed);
        _context = new SteppedContext(_run.Order);
        _id = SteppingRegistry.Add(_run);
        Workers = new SteppedRingWorkers(_run.Order);
        System = ActorSystem.Create(name, ConfigurationFactory.ParseString(Configuration(_id)));
        _run.UseDirectory(System.ActorOf(Props.Create(() => new DirectoryActor(_run)), "stepping-directory"));
        RunToQuiet();
    }

    /// <summary>The system. Its guardian stops what fails.</summary>
    public ActorSystem System { get; }

    /// <summary>The order.</summary>
    public SeededOrder Order => _run.Order;

    /// <summary>Executes the rings of containers in the same order.</summary>
    public SteppedRingWorkers Workers { get; }

    /// <summary>The time.</summary>
    public VirtualTime Time => _run.Time;

    /// <summary>Paths of the actors that have woken another and live, such as <c>/user/vmm/host</c>, in ordinal order.</summary>
    public IReadOnlyList<string> Actors => [.. _run.Actors.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Paths of actors told to fail that have not.</summary>
    public IReadOnlyCollection<string> PendingFaults => _run.PendingFaults;

    /// <summary>
    /// How long, by the wall clock, a quiet system is given for work that left it (a continuation on the thread pool) to come
    /// back before it counts as stalled. Nothing but the time to a failure depends on it.
    /// </summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How far the virtual time moves by itself while something is waited for and only a timer can bring it on; a repeating
    /// timer would else carry a stalled system on for ever.
    /// </summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Makes a system and lets it start.</summary>
    /// <param name="seed">Chooses the order.</param>
    /// <param name="name">Letters, digits and hyphens.</param>
    public static SteppedSystem Create(int seed, string name = "vmm") => new(seed, name);

    /// <summary>Makes a system with another <see cref="StallLimit"/>.</summary>
    /// <param name="seed">Chooses the order.</param>
    /// <param name="stallLimit">See <see cref="StallLimit"/>.</param>
    public static SteppedSystem Create(int seed, TimeSpan stallLimit) => new(seed, "vmm") { StallLimit = stallLimit };

    /// <summary>Takes turns until nothing can run.</summary>
    /// <returns>How many.</returns>
    public int RunToQuiet()
    {
        using var scope = new ContextScope(_context);
        return Order.RunToQuiet();
    }

    /// <summary>Takes up to <paramref name="most"/> turns.</summary>
    /// <param name="most">The most turns to take.</param>
    /// <returns>How many were taken; fewer when the system is quiet.</returns>
    public int Run(int most)
    {
        using var scope = new ContextScope(_context);
        var turns = 0;
        while (turns < most && Order.TryStep())
        {
            turns++;
        }

        return turns;
    }

    /// <summary>Starts something in the seeded order: its continuations are turns of it.</summary>
    /// <param name="start">What to start; runs at once until its first await that is not complete.</param>
    /// <returns>The task, which nothing but stepping completes.</returns>
    public T Start<T>(Func<T> start)
        where T : Task
    {
        ArgumentNullException.ThrowIfNull(start);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            return start();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>
    /// Takes turns until the system is quiet and <paramref name="done"/> is true. Where only a timer can bring that on, the
    /// time moves to it.
    /// </summary>
    /// <param name="done">Asked only while the system is quiet.</param>
    /// <param name="what">What is waited for, for the error.</param>
    /// <exception cref="StalledException">Quiet, and not done.</exception>
    public void Settle(Func<bool> done, string what = "a condition")
    {
        ArgumentNullException.ThrowIfNull(done);
        var latest = Time.Now + LongestWait;
        RunToQuiet();
        while (!done())
        {
            var timer = Time.NextDue is { } due && due <= latest ? due : (TimeSpan?)null;
            if (!HasArrival(done, timer is null ? StallLimit : PoolGrace))
            {
                Time.Advance((timer ?? throw new StalledException(what, _run)) - Time.Now, () => RunToQuiet());
            }

            RunToQuiet();
        }
    }

    /// <summary>Starts something, takes turns until it is complete, and gives its result.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="what">What is waited for, for the error.</param>
    /// <exception cref="StalledException">Quiet, and not complete.</exception>
    public T Settle<T>(Func<Task<T>> start, string what = "a task")
    {
        var task = Start(start);
        Settle(() => task.IsCompleted, what);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Starts something and takes turns until it is complete.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="what">What is waited for, for the error.</param>
    /// <exception cref="StalledException">Quiet, and not complete.</exception>
    public void Settle(Func<Task> start, string what = "a task")
    {
        var task = Start(start);
        Settle(() => task.IsCompleted, what);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Moves the time on; after each timer the system runs until it is quiet.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        RunToQuiet();
        Time.Advance(by, () => RunToQuiet());
    }

    /// <summary>Stops an actor after the message it has in hand.</summary>
    /// <param name="path">Its path, such as <c>/user/vmm/host</c>.</param>
    /// <exception cref="ArgumentException">No actor of that path has woken another yet, or it has ended.</exception>
    public void StopActor(string path) => System.Stop(Find(path));

    /// <summary>Stops an actor after the messages that it has waiting.</summary>
    /// <param name="path">Its path, such as <c>/user/vmm/host</c>.</param>
    /// <exception cref="ArgumentException">No actor of that path has woken another yet, or it has ended.</exception>
    public void PoisonActor(string path) => Find(path).Tell(PoisonPill.Instance, ActorRefs.NoSender);

    /// <summary>Makes an actor throw in the middle of its work: when it next wakes another actor, after that message has gone.</summary>
    /// <param name="path">Its path; the actor need not exist yet.</param>
    /// <param name="nth">At which such send from now on; 1 is the next.</param>
    public void FaultActor(string path, int nth = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        _run.Fault(path, nth);
    }

    /// <summary>Actors told to fail that have not will not.</summary>
    public void ForgetFaults() => _run.ForgetFaults();

    /// <inheritdoc/>
    public void Dispose()
    {
        // A fault in Akka's own farewell is none that an actor of ours can have, and nobody would be told of the end.
        ForgetFaults();
        if (!System.WhenTerminated.IsCompleted)
        {
            var ended = System.Terminate();
            Settle(() => ended.IsCompleted, "the end of the actor system");
        }

        SteppingRegistry.Remove(_id);
    }

    private static string Configuration(string id)
    {
        var assembly = typeof(SteppedSystem).Assembly.GetName().Name;
        var dispatcher = $"{typeof(SteppedConfigurator).FullName}, {assembly}";
        return $"""
            {SteppingRegistry.Key} = "{id}"
            akka.actor.default-dispatcher.executor = ""
            akka.actor.default-dispatcher.type = "{dispatcher}"
            akka.actor.default-dispatcher.throughput = 1
            akka.actor.internal-dispatcher.executor = ""
            akka.actor.internal-dispatcher.type = "{dispatcher}"
            akka.actor.internal-dispatcher.throughput = 1
            akka.actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
            akka.scheduler.implementation = "{typeof(VirtualScheduler).FullName}, {assembly}"
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.loggers = []
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            """;
    }

    private IActorRef Find(string path) =>
        _run.Actors.TryGetValue(path, out var actor)
            ? actor
            : throw new ArgumentException($"No actor {path} is known; known are {string.Join(", ", Actors)}.", nameof(path));

    /// <summary>Whether something can run, or is done, within a time by the wall clock.</summary>
    private bool HasArrival(Func<bool> done, TimeSpan within)
    {
        var quietSince = Stopwatch.GetTimestamp();
        while (Order.IsQuiet && !done())
        {
            if (Stopwatch.GetElapsedTime(quietSince) > within)
            {
                return false;
            }

            Thread.Yield();
        }

        return true;
    }

    /// <summary>The stepping thread's context, put back at the end.</summary>
    private readonly ref struct ContextScope
    {
        private readonly SynchronizationContext? _before = SynchronizationContext.Current;

        public ContextScope(SynchronizationContext context) => SynchronizationContext.SetSynchronizationContext(context);

        public void Dispose() => SynchronizationContext.SetSynchronizationContext(_before);
    }
}
