using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Benchmarks;

/// <summary>What a container's calls cost on the emulated kernel.</summary>
internal static class ContainerBenchmarks
{
    private const int Live = 1000;
    private const int Replayed = 65535;
    private const ulong Page = 0x1000;

    private static readonly IovaRange Hot = IovaRange.FromLength(0x1_0000_0000, Page);

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } = [new("containers/pairs", Pairs), new("containers/replay", Replay)];

    private static IEnumerable<Figure> Pairs(Run run)
    {
        var pairs = run.Of(10_000, quick: 500);
        using var kernel = new EmulatedKernel(Host());
        var ram = RamBlock.Allocate(kernel, "ram", (Live + 1) * Page);
        var (container, ring, group) = Open(kernel);
        for (var page = 0UL; page < Live; page++)
        {
            var at = page;
            Good(ring.Run(turn => turn.Map(IovaRange.FromLength(at * 2 * Page, Page), ram, at * Page, DmaAccess.ReadWrite)));
        }

        Func<ContainerTurn, MapResult> map = turn => turn.Map(Hot, ram, Live * Page, DmaAccess.ReadWrite);
        Func<ContainerTurn, MapResult> unmap = turn => turn.Unmap(Hot);
        var measured = run.Alternate(
            new Shape(pairs, () => CallPairs(container, ram, pairs)),
            new Shape(pairs, () => RunPairs(ring, map, unmap, pairs)));
        Close(ring, group, ram);
        return
        [
            measured.Time(0, "map+unmap, Type1Container, 1,000 live", Aim.AtMost(2_000, "< 2 µs")),
            measured.Time(1, "map+unmap, ContainerRing.Run, 1,000 live", Aim.None),
        ];
    }

    private static IEnumerable<Figure> Replay(Run run)
    {
        var mappings = run.Of(Replayed, quick: 4096);
        EmulatedKernel kernel = null!;
        RamBlock ram = null!;
        ContainerRing ring = null!;
        VfioGroup group = null!;
        var measured = run.Alternate(new Shape(1, () => Good(ring.Run(turn => MapAll(turn, ram, mappings))))
        {
            Before = () =>
            {
                kernel = new EmulatedKernel(Host());
                ram = RamBlock.Allocate(kernel, "ram", Page);
                (_, ring, group) = Open(kernel);
            },
            After = () =>
            {
                Close(ring, group, ram);
                kernel.Dispose();
            },
        });
        return [measured.Time(0, $"{mappings:N0} mappings into a new container", Aim.AtMost(100e6, "< 100 ms"))];
    }

    private static MapResult MapAll(ContainerTurn turn, RamBlock ram, int mappings)
    {
        for (var page = 0UL; page < (ulong)mappings; page++)
        {
            var mapped = turn.Map(IovaRange.FromLength(page * 2 * Page, Page), ram, 0, DmaAccess.ReadWrite);
            if (!mapped.IsOk)
            {
                return mapped;
            }
        }

        return MapResult.Ok;
    }

    private static void CallPairs(Type1Container container, RamBlock ram, int pairs)
    {
        var address = ram.Address.Plus(Live * Page);
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!container.Map(Hot, address, DmaAccess.ReadWrite).IsOk || !container.Unmap(Hot, out var unmapped).IsOk || unmapped != Page)
            {
                throw new InvalidOperationException("The emulated kernel refused a pair.");
            }
        }
    }

    private static void RunPairs(ContainerRing ring, Func<ContainerTurn, MapResult> map, Func<ContainerTurn, MapResult> unmap, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            Good(ring.Run(map));
            Good(ring.Run(unmap));
        }
    }

    private static void Good(RingResult<MapResult> result)
    {
        if (!result.IsDone || !result.Value.IsOk)
        {
            throw new InvalidOperationException($"{result.Status}: {result.Value}", result.Fault);
        }
    }

    private static EmulatedHost Host() => EmulatedHost.Build(host => host.Group(1).Device("0000:01:00.0", "vfio-pci"));

    private static (Type1Container Container, ContainerRing Ring, VfioGroup Group) Open(EmulatedKernel kernel)
    {
        if (!VfioGroup.TryOpen(kernel, 1, out var group, out var refusal) || !Type1Container.TryOpen(kernel, group, out var container, out refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        var turn = new ContainerTurn(container, group, [], container.InfoAtOpen);
        return (container, new ContainerRing(turn, new IdleWorkers(), "bench"), group);
    }

    private static void Close(ContainerRing ring, VfioGroup group, RamBlock ram)
    {
        if (ring.Run(turn => turn.Close()).Value is not { IsClosed: true })
        {
            throw new InvalidOperationException("The container does not close.");
        }

        group.Close();
        ram.Retire();
    }

    /// <summary>No worker: every request of a benchmark is executed by its caller.</summary>
    private sealed class IdleWorkers : IRingWorkers, IRingWorker
    {
        public bool IsBesideCallers => false;

        public IRingWorker Start(ContainerRing ring, string name) => this;

        public void Populate(RamPopulation population) => population.PopulateNext();

        public void Wake()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
