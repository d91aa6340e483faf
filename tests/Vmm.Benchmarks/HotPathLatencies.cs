using System.Diagnostics;
using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Benchmarks;

/// <summary>How long a vCPU waits for its map while something else wants the container: an attach, a view, a vCPU that floods.</summary>
internal static class HotPathLatencies
{
    private const int Blocks = 15;
    private const ulong Page = HotSpace.Page;
    private const ulong SmallPagesOfSlice = (64UL << 20) / Page;

    /// <summary>The rows; attaches need a kernel that attaches, so it is the emulated one.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        AttachRow("hotpath/attach", () => HotContainer.OnEmulated(HotContainer.Type1), pairs: 20_000),
        AttachRow("hotpath/attach-iommufd", () => HotContainer.OnEmulated(HotContainer.Iommufd), pairs: 20_000),
        new("hotpath/view", View),
        new("hotpath/flood", Flood),
    ];

    /// <summary>Beside a loop that attaches a second member and detaches it.</summary>
    /// <param name="name">The row's name.</param>
    /// <param name="open">Opens what it is measured over.</param>
    /// <param name="pairs">Pairs in a block.</param>
    public static Row AttachRow(string name, Func<HotContainer> open, int pairs) => new(name, run => Attach(open, run.Of(pairs, quick: pairs / 20)));

    /// <summary>
    /// Through ring and mapper; by bare calls of the container, which the kernel serialises by itself; and by bare calls where a thread
    /// makes the ioctls of an attach that another one asks for, as behind a ring: what waking threads costs is in that too.
    /// </summary>
    private static IEnumerable<Figure> Attach(Func<HotContainer> open, int pairs)
    {
        using var opened = open();
        var (container, other) = (opened.Container, opened.Other!);
        using var space = new HotSpace(opened);
        using var worker = new OtherThread();
        List<IReadOnlyList<double>> bare = [], handed = [], ours = [];
        List<double> bareAttaches = [], attaches = [];
        for (var block = 0; block < Blocks; block++)
        {
            bare.Add(Waits(pairs, Map, Unmap, () =>
            {
                Good(container.Attach(other));
                Good(container.Detach(other));
            }));
            handed.Add(Waits(pairs, Map, Unmap, () =>
            {
                worker.Do(() => Timed(bareAttaches, () => Good(container.Attach(other).IsOk && container.GetInfo().IsOk)));
                worker.Do(() => Good(container.Detach(other).IsOk && container.GetInfo().IsOk));
            }));
            ours.Add(Waits(
                pairs,
                () => Good(space.Mapper.TryMap(HotSpace.At(0), space.Ram, 0, DmaAccess.ReadWrite)),
                () => Good(space.Mapper.TryUnmap(HotSpace.At(0))),
                () =>
                {
                    space.Turn(turn => Timed(attaches, () => Good(turn.Admit(other, []).IsDone)));
                    space.Turn(turn => Good(turn.Evict(other).IsDone));
                }));
        }

        return
        [
            Figure.Of("an attach and the question for the windows, by a third thread", "ns", bareAttaches, Aim.None),
            Figure.Of("the same in the container's turn", "ns", attaches, Aim.None),
            Figure.Of("p99 of a map by bare calls beside attaches", "ns", Percentiles(bare, 99), Aim.None),
            Figure.Of("p99 of the same beside attaches by a third thread", "ns", Percentiles(handed, 99), Aim.None),
            Figure.Of("p99 of TryMap beside attaches", "ns", Percentiles(ours, 99), Aim.None),
            Figure.Of("p99.9 of a map by bare calls beside attaches", "ns", Percentiles(bare, 99.9), Aim.None),
            Figure.Of("p99.9 of the same beside attaches by a third thread", "ns", Percentiles(handed, 99.9), Aim.None),
            Figure.Of("p99.9 of TryMap beside attaches", "ns", Percentiles(ours, 99.9), Aim.None),
            Figure.Of("p99.9 of TryMap / bare calls", "ratio", Statistics.Ratios(Percentiles(ours, 99.9), Percentiles(bare, 99.9)), Aim.AtMost(1.5, "<= 1.5×")),
            Figure.Of("p99.9 of TryMap / bare calls, a third thread", "ratio", Statistics.Ratios(Percentiles(ours, 99.9), Percentiles(handed, 99.9)), Aim.None),
        ];

        void Map() => Good(container.Map(HotSpace.At(0), opened.Ram, 0, DmaAccess.ReadWrite));

        void Unmap() => Good(container.Unmap(HotSpace.At(0), out _));

        static void Timed(List<double> times, Action attach)
        {
            var start = Stopwatch.GetTimestamp();
            attach();
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        double[] Percentiles(List<IReadOnlyList<double>> blocks, double percent) => [.. blocks.Select(waits => Statistics.Percentile(waits, percent))];
    }

    /// <summary>While 4 GiB of small pages are mapped slice by slice, each of which takes as long as its pages take to be pinned.</summary>
    private static IEnumerable<Figure> View(Run run)
    {
        var slices = run.Of(64, quick: 8);
        using var opened = HotContainer.Over(new PinningContainer(TimeSpan.FromTicks((long)SmallPagesOfSlice)));
        using var space = new HotSpace(opened);
        List<double> alone = [], beside = [];
        for (var block = 0; block < Blocks; block++)
        {
            var sliced = new List<double>();
            beside.Add(Tail(
                pairs: 0,
                () => Good(space.Mapper.TryMap(HotSpace.At(0), space.Ram, 0, DmaAccess.ReadWrite)),
                () => Good(space.Mapper.TryUnmap(HotSpace.At(0))),
                once: () =>
                {
                    for (var slice = 1UL; slice <= (ulong)slices; slice++)
                    {
                        var range = IovaRange.FromLength(slice * SmallPagesOfSlice * Page, SmallPagesOfSlice * Page);
                        var start = Stopwatch.GetTimestamp();
                        space.Turn(turn => Good(turn.Map(range, space.Ram, 0, DmaAccess.ReadWrite)));
                        sliced.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
                    }
                }));
            space.Turn(turn => turn.UnmapWithin(IovaRange.All));
            alone.Add(Statistics.Median(sliced));
        }

        return
        [
            Figure.Of($"a slice of 64 MiB, of {slices} (100 ns a page)", "ns", alone, Aim.None),
            Figure.Of("p99.9 of TryMap beside them", "ns", beside, Aim.None),
            Figure.Of("TryMap / slice", "ratio", Statistics.Ratios(beside, alone), Aim.AtMost(2, "<= 2 slices")),
        ];
    }

    /// <summary>A vCPU that maps now and then beside one that never stops, and a view that gets its turn all the same.</summary>
    private static IEnumerable<Figure> Flood(Run run)
    {
        var pairs = run.Of(2_000, quick: 200);
        using var opened = HotContainer.NoOp();
        using var space = new HotSpace(opened);
        var batch = space.Mapper.NewBatch();
        List<double> quiet = [], flooded = [], views = [];
        for (var block = 0; block < Blocks; block++)
        {
            quiet.Add(Tail(pairs, Map, Unmap, () => { }, pause: true));
            flooded.Add(Tail(pairs, Map, Unmap, FloodOnce, pause: true));
            views.Add(Tail(
                pairs / 10,
                () => space.Turn(turn => Good(turn.Map(HotSpace.At(1), space.Ram, 0, DmaAccess.ReadWrite))),
                () => space.Turn(turn => Good(turn.Unmap(HotSpace.At(1)))),
                FloodOnce,
                pause: true));
        }

        return
        [
            Figure.Of("p99.9 of TryMap alone", "ns", quiet, Aim.None),
            Figure.Of("p99.9 of TryMap beside a flood of batches of 512", "ns", flooded, Aim.None),
            Figure.Of("p99.9 of a view's map beside it", "ns", views, Aim.None),
        ];

        void Map() => Good(space.Mapper.TryMap(HotSpace.At(0), space.Ram, 0, DmaAccess.ReadWrite));

        void Unmap() => Good(space.Mapper.TryUnmap(HotSpace.At(0)));

        void FloodOnce()
        {
            for (var page = 0UL; page < 256; page++)
            {
                batch.PostMap(HotSpace.At(0x1000 + (page * 2)), space.Ram, 0, DmaAccess.ReadWrite);
            }

            for (var page = 0UL; page < 256; page++)
            {
                batch.PostUnmap(HotSpace.At(0x1000 + (page * 2)));
            }

            batch.Flush();
        }
    }

    private static double Tail(int pairs, Action map, Action unmap, Action? again = null, Action? once = null, bool pause = false) =>
        Statistics.Percentile(Waits(pairs, map, unmap, again, once, pause), 99.9);

    /// <summary>
    /// Nanoseconds of each of the first of two calls, while another thread does something again and again; or, where no number of
    /// pairs is given, for as long as it does it once.
    /// </summary>
    private static List<double> Waits(int pairs, Action map, Action unmap, Action? again = null, Action? once = null, bool pause = false)
    {
        var times = new List<double>(Math.Max(pairs, 1 << 16));
        var isOver = new CancellationTokenSource();
        var other = new Thread(() =>
        {
            once?.Invoke();
            while (again is not null && !isOver.IsCancellationRequested)
            {
                again();
            }

            isOver.Cancel();
        });
        other.Start();
        while (pairs > 0 ? times.Count < pairs : !isOver.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            map();
            times.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            unmap();
            if (pause)
            {
                Thread.SpinWait(1_000);
            }
        }

        isOver.Cancel();
        other.Join();
        isOver.Dispose();
        return times;
    }

    private static void Good(SysResult result) => Good(result.IsOk);

    private static void Good(MapResult result) => Good(result.IsOk);

    private static void Good(bool isGood)
    {
        if (!isGood)
        {
            throw new InvalidOperationException("A call of the benchmark was refused.");
        }
    }
}
