namespace Vmm.Benchmarks.Results;

/// <summary>What is said of the blocks of a measurement.</summary>
internal static class Statistics
{
    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = Sorted(values);
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The least value that so many of a hundred do not exceed.</summary>
    /// <param name="values">In any order, at least one.</param>
    /// <param name="percent">From 0, the least of all, to 100, the greatest; 99.9 is a percentile too.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = Sorted(values);
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Block by block.</summary>
    public static IReadOnlyList<double> Ratios(IReadOnlyList<double> over, IReadOnlyList<double> under) => [.. over.Zip(under, (one, other) => one / other)];

    private static double[] Sorted(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length > 0 ? sorted : throw new ArgumentException("Of no values there is no middle: nothing was measured.", nameof(values));
    }
}
