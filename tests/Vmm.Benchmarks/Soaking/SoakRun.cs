using Vmm.Iommu.HotPath;

namespace Vmm.Benchmarks.Soaking;

/// <summary>A soak of one backend: three vCPUs and an owner, held again and again to be compared.</summary>
internal sealed class SoakRun : IDisposable
{
    private const int Vcpus = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SoakMachine _machine;
    private readonly SoakMemory _memory;
    private readonly SoakOwner _owner;
    private readonly SoakGate _gate = new(Vcpus + 1);
    private readonly List<SoakThread> _threads = [];
    private readonly SoakTally _checks = new();

    /// <summary>A machine with two containers, and four threads that have not begun.</summary>
    /// <param name="backend">What the containers are.</param>
    /// <param name="seed">Where chance comes from.</param>
    /// <param name="steps">After how many a thread ends by itself.</param>
    public SoakRun(SoakBackend backend, int seed, long steps = long.MaxValue)
    {
        var mapper = new DmaMapper();
        _machine = new SoakMachine(backend, seed);
        _memory = new SoakMemory(_machine.Kernel, mapper);
        _owner = new SoakOwner(_machine, mapper, _memory);
        _threads.Add(new SoakThread("owner", seed, _gate, _owner.Step, steps));
        for (var vcpu = 1; vcpu <= Vcpus; vcpu++)
        {
            _threads.Add(new SoakThread($"vcpu {vcpu}", HashCode.Combine(seed, vcpu), _gate, new SoakVcpu(mapper, _memory).Step, steps));
        }
    }

    /// <summary>Calls that failed, before and after their effect, and all calls.</summary>
    public (long Before, long After, long All) Calls => (_machine.Faults.Before, _machine.Faults.After, _machine.Faults.Calls);

    /// <summary>Everything counted so far; while the threads are held.</summary>
    public SoakTally Tally => SoakTally.Sum(_threads.Select(thread => thread.Tally).Append(_checks));

    /// <summary>Starts the threads.</summary>
    public void Start()
    {
        _machine.Faults.IsOn = true;
        _threads.ForEach(thread => thread.Thread.Start());
    }

    /// <summary>Lets the threads run, or go on, for a while and holds them then.</summary>
    /// <exception cref="SoakViolationException">A thread was ended by what it found, or does not come to the end of a step.</exception>
    public void Play(TimeSpan time)
    {
        _gate.Release();
        _gate.Wait(time);
        if (!_gate.TryHold(Patience))
        {
            throw new SoakViolationException($"no step ends for {Patience.TotalSeconds:N0} s\n  {string.Join("\n  ", _threads.Select(thread => thread.Last))}");
        }

        _threads.ForEach(LookForFault);
    }

    /// <summary>While the threads are held: kernel, tables and leases.</summary>
    /// <exception cref="SoakViolationException">They differ.</exception>
    public void Check()
    {
        _machine.Faults.IsOn = false;
        new SoakCheck(_machine.Kernel, _memory, [.. _owner.Containers]).Run(_checks);
        _machine.Faults.IsOn = true;
    }

    /// <summary>While the threads are held: what the process holds. An IOAS maps by file, of which each mapping holds one descriptor.</summary>
    public SoakReading Read() => SoakReading.Take(_machine.Kernel.Census().Areas);

    /// <summary>Ends the threads, closes everything while calls still fail, and looks what is left open.</summary>
    /// <exception cref="SoakViolationException">Something is.</exception>
    public void Close()
    {
        _gate.End();
        _threads.ForEach(thread => thread.Thread.Join());
        _threads.ForEach(LookForFault);
        _owner.Close(_threads[0]);
        _machine.CloseContext();
        var leases = _memory.Blocks.Sum(block => block.Leases);
        _memory.Retire();
        var census = _machine.Kernel.Census();
        if (leases != 0 || !census.IsEmpty)
        {
            throw new SoakViolationException($"after the close {leases} leases are held, and the kernel has {census}");
        }
    }

    public void Dispose() => _machine.Dispose();

    private static void LookForFault(SoakThread thread)
    {
        if (thread.Fault is { } fault)
        {
            throw new SoakViolationException($"{thread.Last}\n  {(fault is SoakViolationException ? fault.Message : fault)}");
        }
    }
}
