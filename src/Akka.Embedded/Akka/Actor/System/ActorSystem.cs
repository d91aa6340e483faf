using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A tree of actors with its dispatchers, scheduler and event stream.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    internal ActorSystem()
    {
    }

    public abstract Settings Settings { get; }

    public abstract string Name { get; }

    public abstract EventStream EventStream { get; }

    public abstract IActorRef DeadLetters { get; }

    public abstract Dispatchers Dispatchers { get; }

    public abstract IScheduler Scheduler { get; }

    public abstract ILoggingAdapter Log { get; }

    /// <summary>The time since the start, of the system's scheduler.</summary>
    public TimeSpan Uptime => Scheduler.MonotonicClock - StartTime;

    /// <summary>Completes when all actors have ended and termination callbacks have run.</summary>
    public abstract Task WhenTerminated { get; }

    /// <summary>The scheduler's clock at the start.</summary>
    public TimeSpan StartTime { get; private protected set; }

    /// <exception cref="ArgumentException">The name is not letters, digits and hyphens.</exception>
    public static ActorSystem Create(string name, Config config) => new ActorSystemImpl(name, config).Start();

    /// <exception cref="ArgumentException">The name is not letters, digits and hyphens.</exception>
    public static ActorSystem Create(string name) => Create(name, Config.Empty);

    /// <summary>Runs the action when the system has ended, the one registered last first.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>Stops all actors, children before parents.</summary>
    public abstract Task Terminate();

    public abstract void Stop(IActorRef actor);

    /// <summary>Terminates the system and waits for it; not to be called by an actor.</summary>
    public void Dispose()
    {
        ((IAsyncResult)Terminate()).AsyncWaitHandle.WaitOne();
        GC.SuppressFinalize(this);
    }

    public abstract IActorRef ActorOf(Props props, string name = null);
}
