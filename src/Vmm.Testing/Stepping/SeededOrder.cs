namespace Vmm.Testing.Stepping;

/// <summary>
/// One queue of everything that can run: mailboxes, ring workers, continuations. A seed chooses which runs next, so the same
/// seed gives the same order, and an empty queue means that the system is quiet. Anybody may add; one thread at a time steps.
/// </summary>
/// <param name="seed">Chooses the order; any number.</param>
public sealed class SeededOrder(int seed)
{
    private readonly Lock _gate = new();
    private readonly List<Turn> _waiting = [];
    private readonly Random _random = new(seed);

    /// <summary>The seed.</summary>
    public int Seed { get; } = seed;

    /// <summary>Turns taken so far.</summary>
    public long Taken { get; private set; }

    /// <summary>True when nothing can run.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0;
            }
        }
    }

    /// <summary>What can run now, in order of arrival.</summary>
    public IReadOnlyList<string> Waiting
    {
        get
        {
            lock (_gate)
            {
                return [.. _waiting.Select(turn => turn.What())];
            }
        }
    }

    /// <summary>Adds a turn.</summary>
    /// <param name="what">Names it, for a person who looks at the queue.</param>
    /// <param name="run">The turn.</param>
    public void Add(Func<string> what, Action run)
    {
        ArgumentNullException.ThrowIfNull(what);
        ArgumentNullException.ThrowIfNull(run);
        lock (_gate)
        {
            _waiting.Add(new Turn(what, run));
        }
    }

    /// <summary>Takes one turn; false when nothing can run.</summary>
    public bool TryStep()
    {
        if (!TryTake(out var turn))
        {
            return false;
        }

        Taken++;
        turn.Run();
        return true;
    }

    /// <summary>Takes turns until nothing can run.</summary>
    /// <returns>How many.</returns>
    public int RunToQuiet()
    {
        var turns = 0;
        while (TryStep())
        {
            turns++;
        }

        return turns;
    }

    private bool TryTake(out Turn turn)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                turn = default;
                return false;
            }

            var chosen = _random.Next(_waiting.Count);
            turn = _waiting[chosen];
            _waiting.RemoveAt(chosen);
            return true;
        }
    }

    private readonly record struct Turn(Func<string> What, Action Run);
}
