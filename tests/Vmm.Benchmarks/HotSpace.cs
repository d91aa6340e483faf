using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;

namespace Vmm.Benchmarks;

/// <summary>An address space of one container in which everything is hot, with a worker of its own. The container stays its owner's.</summary>
internal sealed class HotSpace : IDisposable
{
    public const ulong Page = 0x1000;

    // As a host has them: nobody listens.
    private readonly VfioMeters _meters = new();

    /// <summary>Over an open container.</summary>
    /// <param name="opened">The container.</param>
    /// <param name="by">What the ring calls in its place, such as one that counts; null for the container itself.</param>
    public HotSpace(HotContainer opened, IDmaContainer? by = null)
    {
        Ram = opened.Ram;
        Ring = new ContainerRing(new ContainerTurn(by ?? opened.Container, opened.Member, [], opened.Info), new IoctlWorkers(), "hot", meters: _meters);
        Ring.Run(turn => turn.SetHotWindows(ValidIovaRanges.All));
        Mapper.PublishLanes([new DmaLane(Ring)]);
    }

    public ContainerRing Ring { get; }

    public DmaMapper Mapper { get; } = new();

    public RamBlock Ram { get; }

    public static IovaRange At(ulong page) => Pages(page, 1);

    public static IovaRange Pages(ulong first, int count) => IovaRange.FromLength(first * Page, (ulong)count * Page);

    /// <summary>Maps pages at random places until so many are mapped.</summary>
    public void Fill(int count, int places)
    {
        var random = new Random(1);
        while (count > 0)
        {
            count -= Mapper.TryMap(At((ulong)random.Next(places)), Ram, 0, DmaAccess.ReadWrite).IsOk ? 1 : 0;
        }
    }

    /// <summary>A map and an unmap of a page that is free.</summary>
    public void Pair(ulong page)
    {
        if (!Mapper.TryMap(At(page), Ram, 0, DmaAccess.ReadWrite).IsOk || !Mapper.TryUnmap(At(page)).IsOk)
        {
            throw new InvalidOperationException($"A pair at page {page} was refused.");
        }
    }

    /// <summary>As an actor does it: posted, and executed by the worker; waits for it.</summary>
    public void Turn(Action<ContainerTurn> work)
    {
        using var isDone = new ManualResetEventSlim();
        Exception? fault = null;
        while (!Ring.Post(Execute, Hear))
        {
            // A full ring: an actor comes back later.
            Thread.Yield();
        }

        isDone.Wait();
        if (fault is not null)
        {
            throw new InvalidOperationException("A request of the benchmark failed.", fault);
        }

        bool Execute(ContainerTurn turn)
        {
            work(turn);
            return true;
        }

        void Hear(RingResult<bool> result)
        {
            fault = result.Fault;
            isDone.Set();
        }
    }

    /// <summary>Unmaps what is left, and ends the worker.</summary>
    public void Dispose()
    {
        if (Ring.Run(turn => turn.UnmapWithin(IovaRange.All)).Value is not { Failed: 0 })
        {
            throw new InvalidOperationException("Something stays mapped.");
        }

        Ring.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _meters.Dispose();
    }
}
