using Vmm.Benchmarks.Measuring;
using Vmm.Benchmarks.Results;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;

namespace Vmm.Benchmarks;

/// <summary>
/// What populating guest memory gains by a second thread on this machine, beside what a plain memset of the same memory gains:
/// where the memset gains nothing, neither can populating. Native memory; no VFIO.
/// </summary>
internal static class PopulationBenchmarks
{
    private const int Step = 64 << 20;

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Row> Rows { get; } = [new("population/threads", Threads)];

    /// <summary>Each block is done on fresh memory.</summary>
    private static IEnumerable<Figure> Threads(Run run)
    {
        var length = (ulong)run.Of(4, quick: 1) << 30;
        var measured = (run with { Blocks = run.Of(15, quick: 3) }).Alternate(
            OnFresh(length, (kernel, ram) => Populate(kernel, ram, 1)),
            OnFresh(length, (kernel, ram) => Populate(kernel, ram, 2)),
            OnFresh(length, (_, ram) => Fill(ram, 1)),
            OnFresh(length, (_, ram) => Fill(ram, 2)));
        var memset = measured.Ratio(3, 2, "memset, 2 threads / 1", Aim.None);
        return
        [
            measured.Time(0, $"populate {length >> 30} GiB of a memfd, 1 thread", Aim.None),
            measured.Time(1, $"populate {length >> 30} GiB of a memfd, 2 threads", Aim.None),
            measured.Time(2, $"memset {length >> 30} GiB, 1 thread", Aim.None),
            measured.Time(3, $"memset {length >> 30} GiB, 2 threads", Aim.None),
            memset,
            measured.Ratio(1, 0, "populate, 2 threads / 1", Aim.AtMost(Math.Max(0.8, memset.Value), "0.8, or as the memset")),
            measured.Ratio(0, 2, "populate / memset, 1 thread", Aim.None),
        ];
    }

    private static Shape OnFresh(ulong length, Action<LinuxKernel, RamBlock> work)
    {
        var kernel = new LinuxKernel();
        RamBlock? ram = null;
        return new Shape(1, () => work(kernel, ram!))
        {
            Before = () => ram = RamBlock.Allocate(kernel, "populated", length),
            After = () => ram!.Retire(),
        };
    }

    private static void Populate(LinuxKernel kernel, RamBlock ram, int threads)
    {
        using var ended = new ManualResetEventSlim();
        var population = new RamPopulation(kernel, [new RamPiece(ram, 0, ram.Length, IsWritable: true)]);
        PopulationOutcome? outcome = null;
        _ = population.Ended.ContinueWith(
            done =>
            {
                outcome = done.GetAwaiter().GetResult();
                ended.Set();
            },
            TaskScheduler.Default);
        _ = population.Start(threads);
        ended.Wait();
        if (outcome is not { IsDone: true })
        {
            throw new InvalidOperationException(outcome?.Words);
        }
    }

    private static void Fill(RamBlock ram, int threads)
    {
        var part = ram.Length / (ulong)threads;
        var all = Enumerable.Range(0, threads).Select(thread => new Thread(() => FillPart(ram, part * (ulong)thread, part))).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
    }

    private static void FillPart(RamBlock ram, ulong offset, ulong length)
    {
        for (var end = offset + length; offset < end; offset += Step)
        {
            ram.Bytes(offset, (int)Math.Min(Step, end - offset)).Fill(1);
        }
    }
}
