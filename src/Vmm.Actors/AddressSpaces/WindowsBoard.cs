using Akka.Actor;
using Vmm.Actors.Containers;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// The valid IOVAs of a space as its watchers know them, and the watchers. Part of the ledger, used by the space's actor alone.
/// What a command changes half-way is not shown: the board is brought up to date when the command is done.
/// </summary>
/// <param name="mapper">The space's mapper, of whose windows it tells too.</param>
internal sealed class WindowsBoard(DmaMapper mapper)
{
    private IReadOnlyList<ContainerWindows> _containers = [];
    private ValidIovaRanges _space = ValidIovaRanges.All;

    /// <summary>Who watches.</summary>
    public Subscribers Watchers { get; } = new();

    /// <summary>What the watchers know.</summary>
    public WindowsProtocol.WindowsSnapshot Snapshot => new(Watchers.Sequence, _space, _containers) { PageSizes = PagesOf(_containers), Dma = mapper.Windows };

    /// <summary>Someone watches from here on, and gets a snapshot first.</summary>
    public void Add(IActorRef watcher, int credit, IActorRef from)
    {
        Watchers.Add(watcher, credit);
        watcher.Tell(Snapshot, from);
    }

    /// <summary>A watcher has dealt with events; one that lost some gets a snapshot.</summary>
    public void Seen(WindowsProtocol.Seen seen, IActorRef from)
    {
        if (Watchers.Acknowledge(seen.Subscriber, seen.Sequence) is > 0 and var lost)
        {
            Resume(seen.Subscriber, lost, from);
        }
    }

    /// <summary>The space's actor was replaced: what watchers acknowledged to the former one may be lost.</summary>
    public void Renew(IActorRef from)
    {
        foreach (var (watcher, lost) in Watchers.Renew())
        {
            Resume(watcher, lost, from);
        }
    }

    /// <summary>What every container can map, less the holes of the space, now.</summary>
    public static ValidIovaRanges Of(AddressSpaceLedger ledger) =>
        Intersection(ledger, [.. ledger.Containers.Select(WindowsOf).OfType<ContainerWindows>()]);

    /// <summary>Tells the watchers what is new, in one event; nothing when nothing is.</summary>
    /// <param name="ledger">The space.</param>
    /// <param name="cause">Why it may have changed.</param>
    /// <param name="device">The device it was done for, or nothing.</param>
    /// <param name="from">The space's actor.</param>
    public void Show(AddressSpaceLedger ledger, WindowsCause cause, string device, IActorRef from)
    {
        var now = ledger.Containers.Select(WindowsOf).OfType<ContainerWindows>().ToList();
        var before = _containers.ToDictionary(known => known.Container, known => known.Generation);
        var news = now.Where(list => !before.TryGetValue(list.Container, out var known) || known != list.Generation).ToList();
        var closed = before.Keys.Except(now.Select(list => list.Container)).Order().ToList();
        var space = Intersection(ledger, now);
        if (news.Count == 0 && closed.Count == 0 && space.Equals(_space))
        {
            return;
        }

        (_containers, _space) = (now, space);
        Watchers.Publish(new WindowsProtocol.WindowsChanged(Watchers.TakeNumber(), cause, device, space, news, closed)
        {
            PageSizes = PagesOf(now),
            Dma = mapper.Windows,
        }, from);
    }

    private void Resume(IActorRef watcher, long lost, IActorRef from)
    {
        watcher.Tell(new WindowsProtocol.Lagged(Watchers.Sequence, lost), from);
        watcher.Tell(Snapshot, from);
    }

    private static ContainerWindows? WindowsOf(ContainerLedger container) => container.Ring?.Snapshot is { } snapshot
        ? new ContainerWindows(container.Id, snapshot.Generation, snapshot.Windows, snapshot.AreWindowsKnown) { PageSizes = snapshot.PageSizes }
        : null;

    private static PageSizes PagesOf(IEnumerable<ContainerWindows> containers) =>
        new(containers.Aggregate(ulong.MaxValue, (sizes, container) => sizes & container.PageSizes.Bitmap));

    private static ValidIovaRanges Intersection(AddressSpaceLedger ledger, IReadOnlyList<ContainerWindows> containers) =>
        containers.Aggregate(ledger.Rules.Regions.CutFrom(ValidIovaRanges.All), (windows, container) => windows.Intersect(container.Windows));
}
