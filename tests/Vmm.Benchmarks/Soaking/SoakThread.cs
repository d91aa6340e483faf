namespace Vmm.Benchmarks.Soaking;

/// <summary>A thread of a soak: steps for as long as the gate lets it pass. It notes what it does, for when it hangs.</summary>
internal sealed class SoakThread
{
    private readonly SoakGate _gate;
    private readonly Action<SoakThread> _step;
    private readonly long _steps;
    private string _doing = "nothing yet";
    private int _first;
    private int _pages;
    private long _moves;
    private Exception? _fault;

    /// <summary>A thread, not started, of so many steps.</summary>
    public SoakThread(string name, int seed, SoakGate gate, Action<SoakThread> step, long steps)
    {
        (Name, Random, _gate, _step, _steps) = (name, new Random(seed), gate, step, steps);
        Thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public string Name { get; }

    /// <summary>Chance, this thread's own.</summary>
    public Random Random { get; }

    /// <summary>What it was answered.</summary>
    public SoakTally Tally { get; } = new();

    public Thread Thread { get; }

    /// <summary>What it has begun so far: grows while it gets on.</summary>
    // ORDERING: a count to be looked at.
    public long Moves => Volatile.Read(ref _moves);

    /// <summary>What ended it, or null.</summary>
    // ORDERING: acquire, the pair of the write in Run.
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>What it does now, or did last.</summary>
    public string Last => $"{Name}: {_doing} at page {_first}, {_pages} pages, after {Moves:N0} moves";

    /// <summary>Says what comes now.</summary>
    public void Does(string doing, int first = 0, int pages = 0)
    {
        (_doing, _first, _pages) = (doing, first, pages);

        // ORDERING: a count; the pair of the read in Moves.
        Volatile.Write(ref _moves, _moves + 1);
    }

    private void Run()
    {
        try
        {
            for (var step = 0L; step < _steps && _gate.Pass(); step++)
            {
                _step(this);
            }
        }
        catch (Exception fault)
        {
            // ORDERING: release, the pair of the read in Fault.
            Volatile.Write(ref _fault, fault);
        }

        _gate.Leave();
    }
}
