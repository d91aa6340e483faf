using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;

namespace Vmm.Litmus.Model;

/// <summary>
/// A container of a few pages. Says at any moment what a device reaches, counts what was done at each page, and notices two
/// threads inside at once.
/// </summary>
internal sealed class PageKernel : IDmaContainer
{
    public const int Pages = 64;
    public const ulong PageSize = 0x1000;

    private readonly long[] _pages = GC.AllocateArray<long>(Pages, pinned: true);
    private readonly long[] _isClosed = GC.AllocateArray<long>(1, pinned: true);
    private readonly int[] _maps = new int[Pages];
    private readonly int[] _unmaps = new int[Pages];
    private int _inside;

    /// <summary>One call in so many takes long; 0 for none.</summary>
    public int SlowOneIn { get; init; } = 32;

    public ContainerKind Kind => ContainerKind.Type1V2;

    public int Descriptor => IsClosed ? -1 : 3;

    public bool IsClosed => Racer.Mine.Told(ref _isClosed[0]) != 0;

    /// <summary>Pages that a device reaches.</summary>
    public int Reached => Enumerable.Range(0, Pages).Count(page => Reach(page) != 0);

    /// <summary>The windows and sizes that it tells.</summary>
    public ContainerInfo Info { get; } = new(new ValidIovaRanges([IovaRange.FromLength(0, Pages * PageSize)]), PageSizes.FourKiB, EntriesLeft: null);

    /// <summary>The IOVAs of a page, or of several.</summary>
    public static IovaRange At(int page, int pages = 1) => IovaRange.FromLength((ulong)page * PageSize, (ulong)pages * PageSize);

    /// <summary>The process address that a device reaches by a page; 0 for none.</summary>
    public long Reach(int page) => System.Threading.Volatile.Read(ref _pages[page]);

    /// <summary>Times that a page was mapped, and unmapped.</summary>
    public (int Maps, int Unmaps) Times(int page) => (_maps[page], _unmaps[page]);

    public SysResult Map(IovaRange range, HostAddress address, DmaAccess access) => Alone(() =>
    {
        var (first, last) = Ends(range);
        for (var page = first; page <= last; page++)
        {
            if (Racer.Mine.Told(ref _pages[page]) != 0)
            {
                return Errno.EEXIST;
            }
        }

        for (var page = first; page <= last; page++)
        {
            _maps[page]++;
            Racer.Mine.Tell(ref _pages[page], (long)(address.Value + ((ulong)(page - first) * PageSize)));
        }

        return SysResult.Ok;
    });

    public SysResult Map(IovaRange range, RamBlock block, ulong offset, DmaAccess access)
    {
        Violation.Unless(block.Leases > 0, $"{range} is mapped without a lease of {block}");
        return Map(range, block.Address.Plus(offset), access);
    }

    public SysResult Unmap(IovaRange range, out ulong unmapped)
    {
        var bytes = 0UL;
        var result = Alone(() =>
        {
            var (first, last) = Ends(range);
            for (var page = first; page <= last; page++)
            {
                if (Racer.Mine.Told(ref _pages[page]) != 0)
                {
                    _unmaps[page]++;
                    Racer.Mine.Tell(ref _pages[page], 0);
                    bytes += PageSize;
                }
            }

            return SysResult.Ok;
        });
        unmapped = bytes;
        return result;
    }

    public SysResult UnmapAll(out ulong unmapped) => Unmap(IovaRange.All, out unmapped);

    public SysResult<ContainerInfo> GetInfo() => Info;

    public SysResult Attach(IContainerMember member) => Alone(() => Set(member, isInside: true));

    public SysResult Detach(IContainerMember member) => Alone(() => Set(member, isInside: false));

    public SysResult Close() => Alone(() =>
    {
        Racer.Mine.Tell(ref _isClosed[0], 1);
        return SysResult.Ok;
    });

    private static SysResult Set(IContainerMember member, bool isInside)
    {
        ((Member)member).IsInside = isInside;
        return SysResult.Ok;
    }

    private static (int First, int Last) Ends(IovaRange range) =>
        ((int)Math.Min(range.Start.Value / PageSize, Pages), (int)Math.Min(range.Last.Value / PageSize, Pages - 1));

    private SysResult Alone(Func<SysResult> call)
    {
        Violation.Unless(System.Threading.Interlocked.Exchange(ref _inside, Environment.CurrentManagedThreadId) == 0, "two threads are in the container at once");
        if (SlowOneIn != 0 && Racer.Mine.Next(SlowOneIn) == 0)
        {
            Racer.Mine.WaitLong();
        }

        var result = call();
        Violation.Unless(
            System.Threading.Interlocked.Exchange(ref _inside, 0) == Environment.CurrentManagedThreadId, "a second thread was in the container meanwhile");
        return result;
    }
}
