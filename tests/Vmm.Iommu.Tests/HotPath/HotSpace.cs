using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.HotPath;

/// <summary>An address space of some containers with everything hot, whose requests are executed by their callers.</summary>
internal sealed class HotSpace
{
    public const ulong Page = 0x1000;

    public HotSpace(int containers = 1, int capacity = 31, VfioMeters? meters = null, uint? entriesLeft = null)
    {
        Containers = [.. Enumerable.Range(0, containers).Select(_ => new FakeContainer())];
        foreach (var container in Containers)
        {
            container.Info = container.Info with { EntriesLeft = entriesLeft };
        }

        Rings = [.. Containers.Select((container, number) =>
            new ContainerRing(new ContainerTurn(container, container.Group(number + 1), [], container.Info), new ManualWorkers(), $"container-{number}", capacity, meters))];
        foreach (var ring in Rings)
        {
            ring.Run(turn => turn.SetHotWindows(ValidIovaRanges.All));
        }

        Mapper.PublishLanes(Rings.Select(ring => new DmaLane(ring)));
    }

    public FakeContainer[] Containers { get; }

    public ContainerRing[] Rings { get; }

    public DmaMapper Mapper { get; } = new();

    public RamBlock Ram { get; } = RamBlock.FromExisting("pc.ram", new HostAddress(0x7000_0000), 0x100_0000);

    public static IovaRange At(ulong page, ulong pages = 1) => IovaRange.FromLength(page * Page, pages * Page);

    public Vmm.Iommu.Results.MapResult Map(ulong page, ulong pages = 1, DmaWindows? seen = null) =>
        Mapper.TryMap(At(page, pages), Ram, page * Page, DmaAccess.ReadWrite, seen);

    /// <summary>The mappings of a container by its table, which is what the kernel has.</summary>
    public IReadOnlyList<IovaRange> Mapped(int container = 0)
    {
        var table = Rings[container].Run(turn => turn.Table.Select(mapping => mapping.Range).ToList()).Value!;
        Assert.Equal(Containers[container].Mapped.Values, table);
        return table;
    }
}
