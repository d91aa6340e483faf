using Akka.Actor;
using Akka.Configuration;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;

namespace Vmm.Benchmarks;

/// <summary>What a vCPU's map and unmap cost beyond the ioctls, alone, beside others, and in a large table.</summary>
internal static class HotPathBenchmarks
{
    private const int Large = 1_000_000;
    private const int Small = 1_000;
    private const int Places = 1 << 24;
    private const int Producers = 4;
    private const ulong Page = HotSpace.Page;

    // Behind every place that fills the table.
    private const ulong Free = 1UL << 25;

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        new("hotpath/chain", Chain),
        new("hotpath/live", Live),
        new("hotpath/producers", Together),
        new("hotpath/unmaps", PostedUnmaps),
        new("hotpath/conflict", Conflict),
    ];

    /// <summary>From the bare calls up to an actor's answer, each a pair of map and unmap of one page.</summary>
    private static IEnumerable<Figure> Chain(Run run)
    {
        var pairs = run.Of(100_000, quick: 5_000);
        using var space = HotSpace.OverNoOp();
        using var system = ActorSystem.Create("chain", ConfigurationFactory.ParseString(AkkaBenchmarks.Quiet));
        var mapper = system.ActorOf(Props.Create(() => new MapsByMessage(space)));
        var measured = run.Alternate(
            new Shape(pairs, () => ContainerPairs(space.Container, pairs)),
            new Shape(pairs, () => RawPairs(space.Container.Descriptor, pairs)),
            new Shape(pairs, () => MapperPairs(space, pairs)),
            new Shape(pairs / 10, () => ActorPairs(mapper, pairs / 10)),
            new Shape(pairs, () => space.Ring.Run(turn => TurnPairs(turn, space.Ram, pairs))));
        var own = Own(2);
        var actors = Own(3);
        return
        [
            measured.Time(1, "ioctl", Aim.None),
            measured.Time(0, "container", Aim.None),
            measured.Time(4, "checks, table and container, without the ring", Aim.None),
            measured.Time(2, "mapper", Aim.None),
            measured.Time(3, "actor round trip", Aim.None),
            measured.Difference(2, 0, "the mapper's own", Aim.AtMost(300, "<= 300 ns")),
            Figure.Counted("allocated by a pair of the mapper", "bytes", Math.Round(measured[2].Bytes, 1), Aim.AtMost(0.5, "0 bytes")),
            Figure.Of("the mapper's own / the actor round trip's own", "ratio", Statistics.Ratios(own, actors), Aim.AtMost(0.25, "<= 1/4")),
        ];

        double[] Own(int body) => [.. measured[body].Times.Zip(measured[0].Times, (whole, calls) => whole - calls)];
    }

    /// <summary>At random places, as a guest's allocator leaves them.</summary>
    private static IEnumerable<Figure> Live(Run run)
    {
        var pairs = run.Of(100_000, quick: 5_000);
        using var small = HotSpace.OverNoOp();
        using var large = HotSpace.OverNoOp();
        small.Fill(Small, Places);
        large.Fill(Large, Places);
        var measured = run.Alternate(
            new Shape(pairs, () => RandomPairs(small, pairs)),
            new Shape(pairs, () => RandomPairs(large, pairs)));
        return
        [
            measured.Time(0, $"pair, {Small:N0} live", Aim.None),
            measured.Time(1, $"pair, {Large:N0} live", Aim.None),
            measured.Ratio(1, 0, $"{Large:N0} live / {Small:N0} live", Aim.AtMost(2.5, "<= 2.5×")),
        ];
    }

    private static IEnumerable<Figure> Together(Run run)
    {
        var pairs = run.Of(100_000, quick: 5_000);
        using var space = HotSpace.OverNoOp();
        using var bare = new NoOpContainer();
        var measured = run.Alternate(
            new Shape(pairs, () => MapperPairs(space, pairs)),
            new Shape(pairs, () => Split(Producers, number => PagePairs(space, Free + (ulong)number, pairs / Producers))),
            new Shape(pairs, () => RawPairs(bare.Descriptor, pairs)),
            new Shape(pairs, () => Split(Producers, _ => RawPairs(bare.Descriptor, pairs / Producers))));
        return
        [
            measured.Time(0, "pair, 1 producer", Aim.None),
            measured.Time(1, $"pair, {Producers} producers", Aim.None),
            measured.Ratio(0, 1, $"rate of {Producers} producers / rate of 1", Aim.AtLeast(0.75, ">= 0.75×")),
            measured.Ratio(2, 3, $"rate of {Producers} bare loops / rate of 1", Aim.None),
        ];
    }

    /// <summary>Mapped one by one, posted one by one, in batches of 512.</summary>
    private static IEnumerable<Figure> PostedUnmaps(Run run)
    {
        var batches = run.Of(40, quick: 4);
        using var space = HotSpace.OverNoOp();
        var batch = space.Mapper.NewBatch();
        var container = (NoOpContainer)space.Container;
        const int Pages = 512;
        var calls = new List<double>();
        var measured = run.Alternate(
            new Shape(batches * Pages, () => UnmapOneByOne(space, batches * Pages)) { Before = () => MapPages(space, batches * Pages) },
            new Shape(batches * Pages, () =>
            {
                var before = container.Unmaps;
                for (var at = 0; at < batches; at++)
                {
                    UnmapTogether(batch, (ulong)(at * Pages), Pages);
                }

                calls.Add((double)(batches * Pages) / (container.Unmaps - before));
            })
            { Before = () => MapPages(space, batches * Pages) });
        return
        [
            measured.Time(0, "unmap, one by one", Aim.None),
            measured.Time(1, "unmap, posted", Aim.None),
            measured.Ratio(0, 1, "rate posted / one by one", Aim.None),
            Figure.Of("unmaps for an ioctl", "ratio", calls, Aim.AtLeast(50, ">= 50×")),
        ];
    }

    /// <summary>A group whose reserved region meets the last of all mappings is refused.</summary>
    private static IEnumerable<Figure> Conflict(Run run)
    {
        using var space = HotSpace.OverNoOp();
        space.Fill(Large, Places);
        space.Ring.Run(turn => turn.Map(HotSpace.At(Free), space.Ram, 0, DmaAccess.ReadWrite));
        var hole = Vmm.Iommu.Reserved.ReservedRegion.AskedFor(HotSpace.At(Free));
        var checks = run.Of(200, quick: 20);
        var measured = run.Alternate(new Shape(checks, () =>
        {
            for (var check = 0; check < checks; check++)
            {
                if (space.Ring.Run(turn => turn.SetUserHoles([hole])).Value is not { IsDone: false })
                {
                    throw new InvalidOperationException("A hole over a mapping was taken.");
                }
            }
        }));
        return [measured.Time(0, $"a conflict with one of {Large:N0} live is found", Aim.AtMost(1e6, "< 1 ms"))];
    }

    private static void RawPairs(int descriptor, int pairs)
    {
        var kernel = new LinuxKernel();
        for (var pair = 0; pair < pairs; pair++)
        {
            VfioCalls.IommuMapDma(kernel, descriptor, HotSpace.At(Free), new HostAddress(Page), DmaAccess.ReadWrite);
            VfioCalls.IommuUnmapDma(kernel, descriptor, HotSpace.At(Free), out _);
        }
    }

    private static void ContainerPairs(IDmaContainer container, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!container.Map(HotSpace.At(Free), new HostAddress(Page), DmaAccess.ReadWrite).IsOk || !container.Unmap(HotSpace.At(Free), out _).IsOk)
            {
                throw new InvalidOperationException("The container refused a pair.");
            }
        }
    }

    private static int TurnPairs(ContainerTurn turn, RamBlock ram, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            if (!turn.Map(HotSpace.At(Free), ram, 0, DmaAccess.ReadWrite).IsOk || !turn.Unmap(HotSpace.At(Free)).IsOk)
            {
                throw new InvalidOperationException("The turn refused a pair.");
            }
        }

        return pairs;
    }

    private static void MapperPairs(HotSpace space, int pairs) => PagePairs(space, Free, pairs);

    private static void PagePairs(HotSpace space, ulong page, int pairs)
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            space.Pair(page);
        }
    }

    private static void RandomPairs(HotSpace space, int pairs)
    {
        var random = new Random(3);
        for (var pair = 0; pair < pairs; pair++)
        {
            var range = HotSpace.At((ulong)random.Next(Places));
            if (space.Mapper.TryMap(range, space.Ram, 0, DmaAccess.ReadWrite).IsOk && !space.Mapper.TryUnmap(range).IsOk)
            {
                throw new InvalidOperationException($"An unmap of {range} was refused.");
            }
        }
    }

    // The pool waits where answers are there; a blocked thread would measure how it wakes up.
    private static void ActorPairs(IActorRef mapper, int pairs) => Task.Run(async () =>
    {
        for (var pair = 0; pair < pairs; pair++)
        {
            await mapper.Ask<object>(MapsByMessage.Map);
            await mapper.Ask<object>(MapsByMessage.Unmap);
        }
    }).GetAwaiter().GetResult();

    private static void Split(int threads, Action<int> work)
    {
        var all = Enumerable.Range(0, threads).Select(number => new Thread(() => work(number))).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
    }

    private static void MapPages(HotSpace space, int pages)
    {
        for (var page = 0UL; page < (ulong)pages; page++)
        {
            if (!space.Mapper.TryMap(HotSpace.At(page), space.Ram, 0, DmaAccess.ReadWrite).IsOk)
            {
                throw new InvalidOperationException($"Page {page} was refused.");
            }
        }
    }

    private static void UnmapOneByOne(HotSpace space, int pages)
    {
        for (var page = 0UL; page < (ulong)pages; page++)
        {
            space.Mapper.TryUnmap(HotSpace.At(page));
        }
    }

    private static void UnmapTogether(DmaBatch batch, ulong first, int pages)
    {
        for (var page = 0; page < pages; page++)
        {
            batch.PostUnmap(HotSpace.At(first + (ulong)page));
        }

        batch.Flush();
        for (var ticket = 0; ticket < pages; ticket++)
        {
            if (!batch[ticket].IsOk)
            {
                throw new InvalidOperationException($"Unmap {ticket} of a batch: {batch[ticket]}");
            }
        }
    }

    /// <summary>What a map would cost if it were a message: posted into the ring by an actor, answered by its worker.</summary>
    private sealed class MapsByMessage : UntypedActor
    {
        public static readonly object Map = new();
        public static readonly object Unmap = new();

        private readonly HotSpace _space;

        public MapsByMessage(HotSpace space) => _space = space;

        protected override void OnReceive(object message)
        {
            var asker = Sender;
            var isTaken = message == Map
                ? _space.Ring.Post(turn => turn.Map(HotSpace.At(Free + 1), _space.Ram, 0, DmaAccess.ReadWrite), result => asker.Tell(result))
                : _space.Ring.Post(turn => turn.Unmap(HotSpace.At(Free + 1)), result => asker.Tell(result));
            if (!isTaken)
            {
                throw new InvalidOperationException("The ring is full.");
            }
        }
    }
}
