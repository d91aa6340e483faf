using System.Diagnostics;
using System.Globalization;

namespace Vmm.Benchmarks;

/// <summary>The blocks of one figure; block -1 warms up and does not count.</summary>
/// <param name="operations">Operations in a block.</param>
internal sealed class Figure(int operations)
{
    private readonly List<double> _nanoseconds = [];
    private long _bytes;

    /// <summary>Time of an operation: the median of the blocks.</summary>
    public double Nanoseconds => _nanoseconds.Order().ElementAt(_nanoseconds.Count / 2);

    /// <summary>What the calling thread allocated for an operation, in bytes.</summary>
    public double Bytes => (double)_bytes / _nanoseconds.Count / operations;

    /// <summary>Runs a block.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="work">All operations of it.</param>
    public void Measure(int block, Action work)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        work();
        var spent = Stopwatch.GetElapsedTime(start);
        if (block >= 0)
        {
            _nanoseconds.Add(spent.TotalNanoseconds / operations);
            _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
        }
    }

    /// <summary>Prints a line of a table.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">What was measured.</param>
    /// <param name="aim">What is aimed at.</param>
    public void Print(TextWriter output, string name, string aim)
    {
        var (time, unit) = Nanoseconds switch { < 10_000 => (Nanoseconds, "ns"), < 10_000_000 => (Nanoseconds / 1e3, "µs"), _ => (Nanoseconds / 1e6, "ms") };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-66}{time,9:N1} {unit}{Bytes,12:N0}  {aim}"));
    }
}
