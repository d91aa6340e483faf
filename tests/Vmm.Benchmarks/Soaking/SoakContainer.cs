using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks.Soaking;

/// <summary>A container with its first member and a ring with a thread; used as an actor would, by posts.</summary>
internal sealed class SoakContainer
{
    private readonly IDmaContainer _container;

    /// <summary>A container that was just opened, with nothing mapped.</summary>
    public SoakContainer(IDmaContainer container, IContainerMember first, ContainerInfo info, ValidIovaRanges hot)
    {
        _container = container;
        First = first;
        Members = [first];
        Ring = new ContainerRing(new ContainerTurn(container, first, [], info), new IoctlWorkers(), $"soak-{first.Group}", capacity: 63);
        Ask(turn => turn.SetHotWindows(hot));
    }

    /// <summary>The member that it was opened with.</summary>
    public IContainerMember First { get; }

    /// <summary>The members inside.</summary>
    public List<IContainerMember> Members { get; }

    public ContainerRing Ring { get; }

    /// <summary>Where the view maps: first page and pages.</summary>
    public List<(int First, int Pages)> View { get; } = [];

    /// <summary>What the kernel says, asked beside the ring: for when nothing runs.</summary>
    public ContainerInfo? InfoNow => _container.GetInfo().Value;

    /// <summary>Maps in the kernel alone, to see that it is found.</summary>
    public SysResult MapBehindTheRing(IovaRange range, RamBlock block, ulong offset) => _container.Map(range, block, offset, DmaAccess.ReadWrite);

    /// <summary>Unmaps in the kernel alone, to see that it is found.</summary>
    public SysResult UnmapBehindTheRing(IovaRange range) => _container.Unmap(range, out _);

    /// <summary>Posts work, and waits for what it answers.</summary>
    public T Ask<T>(Func<ContainerTurn, T> work) => Answer(Post(work));

    /// <summary>Posts work; where the ring is full another request in its order makes room.</summary>
    public Task<RingResult<T>> Post<T>(Func<ContainerTurn, T> work)
    {
        var answered = new TaskCompletionSource<RingResult<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!Ring.Post(work, answered.SetResult))
        {
            _ = Ring.Run(turn => turn.Table.Count);
        }

        return answered.Task;
    }

    /// <summary>What was posted answers.</summary>
    /// <exception cref="SoakViolationException">It was not executed, or threw.</exception>
    public T Answer<T>(Task<RingResult<T>> posted)
    {
        var result = posted.GetAwaiter().GetResult();
        return result.IsDone ? result.Value : throw new SoakViolationException($"a request of {Ring.Name} ended as {result.Status}: {result.Fault}");
    }

    /// <summary>Closes it as its owner does: again and again where a call fails; then its members.</summary>
    /// <param name="tally">Where repetitions are counted.</param>
    public void Close(SoakTally tally)
    {
        SoakPatience.Until("a container closes", tally, () =>
        {
            var answered = new TaskCompletionSource<RingResult<CloseOutcome>>(TaskCreationOptions.RunContinuationsAsynchronously);
            while (!Ring.PostClose(answered.SetResult))
            {
                _ = Ring.Run(turn => turn.Table.Count);
            }

            return answered.Task.GetAwaiter().GetResult() is { Status: RingStatus.Closed } or { Value.IsClosed: true };
        });
        SoakPatience.Until("an IOAS is destroyed", tally, () => _container.Close().IsOk);
        Ring.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Members.ForEach(member => member.Close());
    }
}
