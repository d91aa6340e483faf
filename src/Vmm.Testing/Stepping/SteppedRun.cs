using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Dispatch;

namespace Vmm.Testing.Stepping;

/// <summary>What a stepped system's dispatcher, scheduler and workers share: the order, the time, and who is who.</summary>
/// <remarks>
/// A dispatcher sees mailboxes without names. But it is called on the thread of whoever makes a mailbox runnable, and while an
/// actor has its turn, an implicit send carries that actor's ref: so each actor is known once it has woken another, through
/// Akka's public API alone. The same moment is where an actor can be made to fail in the middle of its work.
/// </remarks>
internal sealed class SteppedRun(int seed)
{
    private readonly ConditionalWeakTable<IRunnable, IActorRef> _actors = [];
    private readonly Dictionary<string, IActorRef> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _faults = new(StringComparer.Ordinal);
    private IActorRef? _directory;
    private IRunnable? _running;
    private int _runningThread;
    private bool _learning;

    internal SeededOrder Order { get; } = new(seed);

    internal VirtualTime Time { get; } = new();

    /// <summary>Actors seen so far that may live, by path.</summary>
    internal IReadOnlyDictionary<string, IActorRef> Actors => _byPath;

    /// <summary>Faults that were asked for and have not happened.</summary>
    internal IReadOnlyCollection<string> PendingFaults => _faults.Keys;

    internal void UseDirectory(IActorRef directory) => _directory = directory;

    /// <summary>The actor throws at its <paramref name="nth"/> send from now on, after the message has gone.</summary>
    internal void Fault(string path, int nth) => _faults[path] = nth;

    internal void ForgetFaults() => _faults.Clear();

    internal void Schedule(IRunnable run)
    {
        var onTurn = _running is not null && Environment.CurrentManagedThreadId == _runningThread;
        if (onTurn && _learning)
        {
            // The directory's own mailbox: answered at once, so that learning a name takes no turn of the order.
            run.Run();
            return;
        }

        Order.Add(() => NameOf(run), () => Take(run));
        if (onTurn)
        {
            FailIfAsked(Learn(_running!));
        }
    }

    /// <summary>Called by the directory with the sender of what it was told.</summary>
    internal void Met(IActorRef actor)
    {
        if (_running is { } running && !actor.IsNobody())
        {
            _actors.AddOrUpdate(running, actor);
            _byPath[PathOf(actor)] = actor;
        }
    }

    internal void Forget(IActorRef actor)
    {
        if (_byPath.TryGetValue(PathOf(actor), out var known) && known.Equals(actor))
        {
            _byPath.Remove(PathOf(actor));
        }
    }

    private static string PathOf(IActorRef actor) => actor.Path.ToStringWithoutAddress();

    private void Take(IRunnable run)
    {
        _running = run;
        _runningThread = Environment.CurrentManagedThreadId;
        try
        {
            run.Run();
        }
        finally
        {
            _running = null;
        }
    }

    private string NameOf(IRunnable run) => _actors.TryGetValue(run, out var actor) ? PathOf(actor) : "an actor not met yet";

    private IActorRef? Learn(IRunnable run)
    {
        if (_directory is null || _actors.TryGetValue(run, out var known))
        {
            return _directory is null ? null : _actors.TryGetValue(run, out known) ? known : null;
        }

        _learning = true;
        try
        {
            _directory.Tell(DirectoryActor.Meet.Instance);
        }
        finally
        {
            _learning = false;
        }

        return _actors.TryGetValue(run, out known) ? known : null;
    }

    private void FailIfAsked(IActorRef? actor)
    {
        if (actor is null || _faults.Count == 0 || !_faults.TryGetValue(PathOf(actor), out var left))
        {
            return;
        }

        if (left > 1)
        {
            _faults[PathOf(actor)] = left - 1;
            return;
        }

        _faults.Remove(PathOf(actor));
        throw new InjectedFaultException(PathOf(actor));
    }
}
