using System.Diagnostics;
using System.Globalization;

namespace Vmm.Benchmarks;

/// <summary>The blocks of one figure; block -1 warms up and does not count.</summary>
/// <param name="operations">Operations in a block.</param>
internal sealed class Figure(int operations)
{
    private readonly List<double> _nanoseconds = [];
    private readonly List<double> _work = [];
    private long _bytes;

    /// <summary>The columns of <see cref="Print"/>.</summary>
    /// <param name="title">Above the names.</param>
    public static string Header(string title) => $"{title,-66}{"time",12}{"work",12}{"bytes/op",12}  aim";

    /// <summary>What the calling thread allocated for an operation, in bytes.</summary>
    private double Bytes => (double)_bytes / _nanoseconds.Count / operations;

    /// <summary>Runs a block.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="work">All operations of it.</param>
    public void Measure(int block, Action work)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var processors = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        work();
        var spent = Stopwatch.GetElapsedTime(start);
        if (block >= 0)
        {
            _work.Add((Environment.CpuUsage.TotalTime - processors).TotalNanoseconds / operations);
            _nanoseconds.Add(spent.TotalNanoseconds / operations);
            _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
        }
    }

    /// <summary>Prints a line of a table: medians of the time that passes and of the processor time of all threads, which waits for nobody.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">What was measured.</param>
    /// <param name="aim">What is aimed at.</param>
    public void Print(TextWriter output, string name, string aim) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-66}{Time(_nanoseconds),12}{Time(_work),12}{Bytes,12:N0}  {aim}"));

    /// <summary>The middle one; of an even number the upper of the two.</summary>
    internal static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Time(List<double> blocks)
    {
        var median = Median(blocks);
        var (value, unit) = median switch { < 10_000 => (median, "ns"), < 1_000_000 => (median / 1e3, "µs"), _ => (median / 1e6, "ms") };
        return string.Create(CultureInfo.InvariantCulture, $"{value:N1} {unit}");
    }
}
