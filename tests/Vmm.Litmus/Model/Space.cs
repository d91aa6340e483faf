using System.Runtime.CompilerServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Model;

/// <summary>An address space of one container with its ring, a worker of its own, and some memory. The lower pages are hot, the others the view's.</summary>
internal sealed class Space
{
    public const int HotPages = 48;
    public static readonly ValidIovaRanges Hot = new([PageKernel.At(0, HotPages)]);
    public static readonly ValidIovaRanges None = new([]);

    private readonly List<DmaBatch> _batches = [];
    private int _released;

    public Space(int capacity, int slowOneIn = 32)
    {
        Kernel = new PageKernel { SlowOneIn = slowOneIn };
        Turn = new ContainerTurn(Kernel, new Member(1) { IsInside = true }, [], Kernel.Info);
        Ram = RamBlock.FromExisting("ram", new HostAddress(0x7000_0000), 0x100_0000, released: () => System.Threading.Interlocked.Increment(ref _released));
        Ring = new ContainerRing(Turn, new IoctlWorkers(), "container", capacity);
        Ring.Run(turn => turn.SetHotWindows(Hot));
        Mapper.PublishLanes([new DmaLane(Ring)]);
        LatePayload.Know(Ring, []);
    }

    public PageKernel Kernel { get; }

    public ContainerTurn Turn { get; }

    public RamBlock Ram { get; }

    public ContainerRing Ring { get; }

    public DmaMapper Mapper { get; } = new();

    /// <summary>A batch whose answers are known to those twins that answer early.</summary>
    public DmaBatch NewBatch(int capacity)
    {
        var batch = Mapper.NewBatch(capacity);
        batch.PostUnmap(PageKernel.At(0));
        batch.Flush();
        _batches.Add(batch);
        LatePayload.Know(Ring, _batches);
        return batch;
    }

    public MapResult Map(int page, ulong offset) => Mapper.TryMap(PageKernel.At(page), Ram, offset, DmaAccess.ReadWrite);

    public MapResult Unmap(int page) => Mapper.TryUnmap(PageKernel.At(page));

    /// <summary>The process address of an offset.</summary>
    public long AddressOf(ulong offset) => (long)Ram.Address.Plus(offset).Value;

    /// <summary>With nobody else at work: table, kernel and leases say the same, and nothing went wrong unseen.</summary>
    public void Judge()
    {
        Violation.Unless(Ring.CompletionFault is null, $"a fault in the turn: {Ring.CompletionFault}");
        var table = Ring.Run(turn => turn.Table.ToList());
        Violation.Unless(table is { IsDone: true, Value: not null }, $"the question for the table is answered {table.Status}");
        var bytes = table.Value!.Aggregate(UInt128.Zero, (sum, mapping) => sum + mapping.Range.Length);
        Violation.Unless(bytes == (UInt128)Kernel.Reached * PageKernel.PageSize, $"the table has {bytes} bytes, the kernel {Kernel.Reached} pages");
        Violation.Unless(table.Value!.TrueForAll(IsInKernel), "the table has a page elsewhere than the kernel");
        Violation.Unless(Ram.Leases == table.Value!.Count, $"{Ram.Leases} leases for {table.Value!.Count} mappings");
        var counted = (WaitingForRoomOf(Ring), WaitingForAnswerOf(Ring), LeftToWorkerOf(Ring));
        Violation.Unless(counted == (0, 0, 0), $"nobody waits, and the ring counts {counted} who wait for room, for an answer, or as left to the worker");
        Violation.Unless(Ring.Count == 0, $"{Ring.Count} requests wait though all have their answers");
    }

    /// <summary>Stops the worker.</summary>
    public Task Stop() => Ring.DisposeAsync().AsTask();

    /// <summary>After the close: nothing is held, and the memory can go.</summary>
    public void JudgeClosed()
    {
        Violation.Unless(Ring.CompletionFault is null, $"a fault in the turn: {Ring.CompletionFault}");
        Violation.Unless(Kernel.IsClosed && Kernel.Reached == 0, $"closed, and a device reaches {Kernel.Reached} pages");
        Violation.Unless(Ram.Leases == 0, $"closed, and {Ram.Leases} leases are left");
        Ram.Retire();
        Violation.Unless(_released == 1, $"the memory went back {_released} times");
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waitingForRoom")]
    private static extern ref int WaitingForRoomOf(ContainerRing ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waitingForAnswer")]
    private static extern ref int WaitingForAnswerOf(ContainerRing ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_leftToWorker")]
    private static extern ref int LeftToWorkerOf(ContainerRing ring);

    private bool IsInKernel(LiveMapping mapping) => Kernel.Reach((int)(mapping.Range.Start.Value / PageKernel.PageSize)) == (long)mapping.HostAddress.Value;
}
