using System.Diagnostics;
using System.Globalization;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;

namespace Vmm.Benchmarks;

/// <summary>
/// What populating guest memory gains by a second thread on this machine, beside what a plain memset of the same memory gains:
/// where the memset gains nothing, neither can populating. Native memory; no VFIO.
/// </summary>
public static class PopulationBenchmarks
{
    private const int Step = 64 << 20;

    /// <summary>Each block does all four on fresh memory, in an order that turns with the block; the first block warms up.</summary>
    public static void Run(TextWriter output, bool quick)
    {
        ArgumentNullException.ThrowIfNull(output);
        var length = (quick ? 1UL : 4UL) << 30;
        var blocks = quick ? 3 : 7;
        var shapes = new (string Name, Action<LinuxKernel, RamBlock> Do, List<double> Times)[]
        {
            ("populate, 1 thread", (kernel, ram) => Populate(kernel, ram, 1), []),
            ("populate, 2 threads", (kernel, ram) => Populate(kernel, ram, 2), []),
            ("memset, 1 thread", (_, ram) => Fill(ram, 1), []),
            ("memset, 2 threads", (_, ram) => Fill(ram, 2), []),
        };
        for (var block = -1; block < blocks; block++)
        {
            for (var turn = 0; turn < shapes.Length; turn++)
            {
                var shape = shapes[(turn + block + 1) % shapes.Length];
                var spent = Measure(length, shape.Do);
                if (block >= 0)
                {
                    shape.Times.Add(spent);
                }
            }
        }

        output.WriteLine($"memfd of {length >> 30} GiB, medians of {blocks} blocks in turn");
        foreach (var (name, _, times) in shapes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {Figure.Median(times),9:N0} ms   {times.Min(),9:N0} to {times.Max():N0}"));
        }

        PrintRatio(output, "populate, 2 threads / 1", shapes[1].Times, shapes[0].Times, "0.8, or as the memset");
        PrintRatio(output, "memset, 2 threads / 1 (control)", shapes[3].Times, shapes[2].Times, "");
        PrintRatio(output, "populate / memset, 1 thread", shapes[0].Times, shapes[2].Times, "");
    }

    private static double Measure(ulong length, Action<LinuxKernel, RamBlock> work)
    {
        var kernel = new LinuxKernel();
        var ram = RamBlock.Allocate(kernel, "populated", length);
        var start = Stopwatch.GetTimestamp();
        work(kernel, ram);
        var spent = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        ram.Retire();
        return spent;
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

    private static void PrintRatio(TextWriter output, string name, List<double> over, List<double> under, string aim)
    {
        var ratios = over.Zip(under, (one, other) => one / other).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {Figure.Median(ratios),9:N2}      {ratios.Min(),9:N2} to {ratios.Max():N2}   {aim}"));
    }
}
