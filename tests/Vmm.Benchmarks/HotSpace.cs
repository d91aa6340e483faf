using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks;

/// <summary>An address space of one container in which everything is hot, with a worker of its own.</summary>
internal sealed class HotSpace : IDisposable
{
    public const ulong Page = 0x1000;

    private readonly bool _isOwner;

    public HotSpace(IDmaContainer container, IContainerMember member, ContainerInfo info, bool isOwner = true)
    {
        _isOwner = isOwner;
        Container = container;
        Ring = new ContainerRing(new ContainerTurn(container, member, [], info), new IoctlWorkers(), "hot");
        Ring.Run(turn => turn.SetHotWindows(ValidIovaRanges.All));
        Mapper.PublishLanes([new DmaLane(Ring)]);
    }

    public IDmaContainer Container { get; }

    public ContainerRing Ring { get; }

    public DmaMapper Mapper { get; } = new();

    /// <summary>Addresses that nothing is behind: a container that pins nothing does not look.</summary>
    public RamBlock Ram { get; } = RamBlock.FromExisting("ram", new HostAddress(1UL << 40), 1UL << 40);

    /// <summary>One over calls that do nothing.</summary>
    public static HotSpace OverNoOp() => Over(new NoOpContainer());

    /// <summary>One over a container that takes what it is given.</summary>
    public static HotSpace Over(IDmaContainer container) => new(container, new NoMember(), container.GetInfo().Value!);

    public static IovaRange At(ulong page) => IovaRange.FromLength(page * Page, Page);

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

    public void Dispose()
    {
        if (_isOwner && Ring.Run(turn => turn.Close()).Value is not { IsClosed: true })
        {
            throw new InvalidOperationException("The container does not close.");
        }

        Ring.DisposeAsync().AsTask().GetAwaiter().GetResult();
        (Container as IDisposable)?.Dispose();
    }

    private sealed class NoMember : IContainerMember
    {
        public string Name => "nothing";

        public int Group => 1;

        public bool KeepsDevice => false;

        public SysResult<bool> GetIsInside() => false;

        public SysResult<OwnedFd> GetDevice(string name) => Errno.ENODEV;

        public SysResult Close() => SysResult.Ok;
    }
}
