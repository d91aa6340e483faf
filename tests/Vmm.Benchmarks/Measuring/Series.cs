using System.Diagnostics;

namespace Vmm.Benchmarks.Measuring;

/// <summary>The blocks of one body as they were measured.</summary>
/// <param name="shape">The body.</param>
/// <param name="blocks">How many there will be.</param>
internal sealed class Series(Shape shape, int blocks)
{
    private readonly List<double> _times = new(blocks);
    private readonly List<double> _work = new(blocks);
    private readonly int[] _collections = new int[GC.MaxGeneration + 1];
    private long _bytes;
    private TimeSpan _paused;

    /// <summary>Operations in a block.</summary>
    public int Operations => shape.Operations;

    /// <summary>Nanoseconds of an operation, one value a block.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>Processor time of all threads for an operation, in nanoseconds, one value a block.</summary>
    public IReadOnlyList<double> Work => _work;

    /// <summary>Bytes that all threads allocated for an operation.</summary>
    public double Bytes => (double)_bytes / _times.Count / Operations;

    /// <summary>Collections while blocks ran, by generation.</summary>
    public IReadOnlyList<int> Collections => _collections;

    /// <summary>How long the collector stopped everything, in all blocks.</summary>
    public TimeSpan Paused => _paused;

    /// <summary>Runs a block.</summary>
    /// <param name="counts">False to warm up.</param>
    public void Measure(bool counts)
    {
        shape.Before?.Invoke();
        var (first, second, third) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        var paused = GC.GetTotalPauseDuration();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var processors = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        shape.Work();
        var spent = Stopwatch.GetElapsedTime(start);
        processors = Environment.CpuUsage.TotalTime - processors;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        if (counts)
        {
            _times.Add((shape.Clock?.Invoke() ?? spent.TotalNanoseconds) / Operations);
            _work.Add(processors.TotalNanoseconds / Operations);
            _bytes += bytes;
            _paused += GC.GetTotalPauseDuration() - paused;
            _collections[0] += GC.CollectionCount(0) - first;
            _collections[1] += GC.CollectionCount(1) - second;
            _collections[2] += GC.CollectionCount(2) - third;
        }

        shape.After?.Invoke();
    }
}
