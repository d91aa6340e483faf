using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks.Measuring;

/// <summary>Bodies that were measured in turn in one run, the first of them twice.</summary>
/// <param name="series">One a body, in the order in which they were given.</param>
/// <param name="again">The first body once more.</param>
internal sealed class Measured(IReadOnlyList<Series> series, Series again)
{
    /// <summary>The first body against itself, block by block: what differs there is the machine.</summary>
    public Spread Control { get; } = Spread.Of(Statistics.Ratios(again.Times, series[0].Times));

    /// <summary>The blocks of a body.</summary>
    public Series this[int body] => series[body];

    /// <summary>What an operation of a body takes, in nanoseconds.</summary>
    public Figure Time(int body, string name, Aim aim) =>
        From(body, name, "ns", Statistics.Median(series[body].Times), series[body].Times, aim) with { Work = Statistics.Median(series[body].Work) };

    /// <summary>The median of one body over that of another; its spread is that of the ratios block by block.</summary>
    public Figure Ratio(int over, int under, string name, Aim aim) =>
        From(over, name, "ratio", Statistics.Median(series[over].Times) / Statistics.Median(series[under].Times), Statistics.Ratios(series[over].Times, series[under].Times), aim);

    /// <summary>What one body takes longer than another that it contains, in nanoseconds: the difference of the medians.</summary>
    public Figure Difference(int whole, int part, string name, Aim aim) =>
        From(whole, name, "ns", Statistics.Median(series[whole].Times) - Statistics.Median(series[part].Times), [.. series[whole].Times.Zip(series[part].Times, (one, other) => one - other)], aim);

    private Figure From(int body, string name, string unit, double value, IReadOnlyList<double> blocks, Aim aim)
    {
        var of = series[body];
        var (_, p5, p95) = Spread.Of(blocks);
        return new(name, unit, value, p5, p95, blocks.Count, of.Operations, null, of.Bytes, of.Collections, of.Paused.TotalMilliseconds, Control, aim, aim.HoldsFor(value));
    }
}
