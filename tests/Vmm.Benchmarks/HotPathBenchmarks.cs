using Akka.Actor;
using Akka.Configuration;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;

namespace Vmm.Benchmarks;

/// <summary>What a vCPU's map and unmap cost beyond the ioctls, alone, beside others, and in a large table.</summary>
internal static class HotPathBenchmarks
{
    private const int Large = 1_000_000;
    private const int Small = 1_000;
    private const int Places = 1 << 24;
    private const int Producers = 4;
    private const int Batch = 512;
    private const ulong Page = HotSpace.Page;

    // Behind every place that fills the table.
    private const ulong Free = 1UL << 25;

    /// <summary>The rows over calls that do nothing.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. RowsOver("hotpath/", HotContainer.NoOp, new HotShape(Pairs: 100_000, Batches: 40) { Own = Aim.AtMost(300, "<= 300 ns") }),
        new("hotpath/live", Live),
        new("hotpath/producers", Together),
        new("hotpath/conflict", Conflict),
    ];

    /// <summary>The rows that say something whatever the calls come to.</summary>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="open">Opens what they are measured over.</param>
    /// <param name="shape">How much of it.</param>
    public static IReadOnlyList<Row> RowsOver(string prefix, Func<HotContainer> open, HotShape shape) =>
    [
        new($"{prefix}chain", run => Chain(run, open, run.Of(shape.Pairs, quick: shape.Pairs / 20), shape.Own)),
        new($"{prefix}maps", run => PostedMaps(run, open, run.Of(shape.Batches, quick: shape.Batches / 4), shape.PostedMaps)),
        new($"{prefix}unmaps", run => PostedUnmaps(run, open, run.Of(shape.Batches, quick: shape.Batches / 4))),
    ];

    /// <summary>From the bare calls up to an actor's answer, each a pair of map and unmap of one page.</summary>
    private static IEnumerable<Figure> Chain(Run run, Func<HotContainer> open, int pairs, Aim aim)
    {
        using var opened = open();
        using var space = new HotSpace(opened);
        using var system = ActorSystem.Create("chain", ConfigurationFactory.ParseString(AkkaBenchmarks.Quiet));
        var mapper = system.ActorOf(Props.Create(() => new MapsByMessage(space)));
        var measured = run.Alternate(
            new Shape(pairs, () => opened.Pairs(HotSpace.At(Free), pairs)),
            new Shape(pairs, () => opened.BarePairs(HotSpace.At(Free), pairs)),
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
            measured.Difference(2, 0, "the mapper's own", aim),
            Figure.Counted("allocated by a pair of the mapper", "bytes", Math.Round(measured[2].Bytes, 1), Aim.AtMost(0.5, "0 bytes")),
            Figure.Of("the mapper's own / the actor round trip's own", "ratio", Statistics.Ratios(own, actors), Aim.AtMost(0.25, "<= 1/4")),
        ];

        double[] Own(int body) => [.. measured[body].Times.Zip(measured[0].Times, (whole, calls) => whole - calls)];
    }

    /// <summary>At random places, as a guest's allocator leaves them.</summary>
    private static IEnumerable<Figure> Live(Run run)
    {
        var pairs = run.Of(100_000, quick: 5_000);
        using var opened = HotContainer.NoOp();
        using var small = new HotSpace(opened);
        using var large = new HotSpace(opened);
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
        using var opened = HotContainer.NoOp();
        using var space = new HotSpace(opened);
        var measured = run.Alternate(
            new Shape(pairs, () => MapperPairs(space, pairs)),
            new Shape(pairs, () => Split(Producers, number => PagePairs(space, Free + (ulong)number, pairs / Producers))),
            new Shape(pairs, () => opened.BarePairs(HotSpace.At(Free), pairs)),
            new Shape(pairs, () => Split(Producers, number => opened.BarePairs(HotSpace.At(Free + (ulong)number), pairs / Producers))));
        return
        [
            measured.Time(0, "pair, 1 producer", Aim.None),
            measured.Time(1, $"pair, {Producers} producers", Aim.None),
            measured.Ratio(0, 1, $"rate of {Producers} producers / rate of 1", Aim.AtLeast(0.75, ">= 0.75×")),
            measured.Ratio(2, 3, $"rate of {Producers} bare loops / rate of 1", Aim.None),
        ];
    }

    /// <summary>Neighbours in memory and in IOVAs, one by one and posted in batches that may merge them.</summary>
    private static IEnumerable<Figure> PostedMaps(Run run, Func<HotContainer> open, int batches, Aim aim)
    {
        using var opened = open();
        var counted = new CountingContainer(opened.Container);
        using var space = new HotSpace(opened, counted);
        var (batch, pages) = (space.Mapper.NewBatch(Batch), batches * Batch);
        var calls = new List<double>();
        var measured = run.Alternate(
            new Shape(pages, () => MapPages(space, pages)) { After = () => UnmapAtOnce(space, pages) },
            new Shape(pages, () => calls.Add(PerCall(counted, pages, () => InBatches(batch, pages, page =>
                batch.PostMap(HotSpace.At(page), space.Ram, page * Page, DmaAccess.ReadWrite, mayMerge: true)))))
            { After = () => UnmapAtOnce(space, pages) });
        return
        [
            measured.Time(0, "map, one by one", Aim.None),
            measured.Time(1, "map, posted", Aim.None),
            measured.Ratio(0, 1, "rate posted / one by one", aim),
            Figure.Of("maps for an ioctl", "ratio", calls, Aim.None),
        ];
    }

    /// <summary>Mapped one by one; unmapped one by one and posted in batches.</summary>
    private static IEnumerable<Figure> PostedUnmaps(Run run, Func<HotContainer> open, int batches)
    {
        using var opened = open();
        var counted = new CountingContainer(opened.Container);
        using var space = new HotSpace(opened, counted);
        var (batch, pages) = (space.Mapper.NewBatch(Batch), batches * Batch);
        var calls = new List<double>();
        var measured = run.Alternate(
            new Shape(pages, () => UnmapOneByOne(space, pages)) { Before = () => MapPages(space, pages) },
            new Shape(pages, () => calls.Add(PerCall(counted, pages, () => InBatches(batch, pages, page => batch.PostUnmap(HotSpace.At(page))))))
            { Before = () => MapPages(space, pages) });
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
        using var opened = HotContainer.NoOp();
        using var space = new HotSpace(opened);
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
            if (!space.Mapper.TryMap(HotSpace.At(page), space.Ram, page * Page, DmaAccess.ReadWrite).IsOk)
            {
                throw new InvalidOperationException($"Page {page} was refused.");
            }
        }
    }

    private static void UnmapOneByOne(HotSpace space, int pages)
    {
        for (var page = 0UL; page < (ulong)pages; page++)
        {
            if (!space.Mapper.TryUnmap(HotSpace.At(page)).IsOk)
            {
                throw new InvalidOperationException($"The unmap of page {page} was refused.");
            }
        }
    }

    private static void UnmapAtOnce(HotSpace space, int pages)
    {
        var unmapped = space.Mapper.TryUnmap(HotSpace.Pages(0, pages));
        if (!unmapped.IsOk)
        {
            throw new InvalidOperationException($"The unmap of all pages: {unmapped}");
        }
    }

    /// <summary>How many of so many operations became one call to the kernel.</summary>
    private static double PerCall(CountingContainer counted, int operations, Action work)
    {
        var before = counted.Calls;
        work();
        return (double)operations / (counted.Calls - before);
    }

    private static void InBatches(DmaBatch batch, int pages, Func<ulong, int> post)
    {
        for (var page = 0; page < pages; page += Batch)
        {
            for (var next = 0; next < Batch; next++)
            {
                post((ulong)(page + next));
            }

            batch.Flush();
            for (var ticket = 0; ticket < Batch; ticket++)
            {
                if (!batch[ticket].IsOk)
                {
                    throw new InvalidOperationException($"Post {ticket} of a batch: {batch[ticket]}");
                }
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
