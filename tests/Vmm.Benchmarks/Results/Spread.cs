namespace Vmm.Benchmarks.Results;

/// <summary>The middle of some values, and where most of them lie.</summary>
/// <param name="Median">Half of them are at or below it.</param>
/// <param name="P5">One of twenty is at or below it.</param>
/// <param name="P95">One of twenty is above it.</param>
internal sealed record Spread(double Median, double P5, double P95)
{
    /// <summary>How far from the middle, as a factor, most of them are: 1 where all are alike.</summary>
    public double Factor => P5 > 0 && Median > 0 ? Math.Max(P95 / Median, Median / P5) : 1;

    /// <summary>How far from 1, as a factor: what two runs of the same thing differ by.</summary>
    public double FactorFromOne => P5 > 0 ? Math.Max(Math.Max(P95, 1 / P5), 1) : 1;

    /// <summary>Of at least one value.</summary>
    public static Spread Of(IReadOnlyList<double> values) =>
        new(Statistics.Median(values), Statistics.Percentile(values, 5), Statistics.Percentile(values, 95));
}
