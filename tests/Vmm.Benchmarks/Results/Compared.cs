namespace Vmm.Benchmarks.Results;

/// <summary>One figure in two runs.</summary>
/// <param name="Name">Of the figure.</param>
/// <param name="Before">In the first file, or null.</param>
/// <param name="After">In the second file, or null.</param>
/// <param name="Ratio">After over before; null where one is missing.</param>
/// <param name="Noise">The factor by which the runs differ from themselves; 1 where nothing was timed.</param>
/// <param name="Verdict">What became of it.</param>
internal sealed record Compared(string Name, Figure? Before, Figure? After, double? Ratio, double Noise, Verdict Verdict)
{
    // Fewer bytes are those of the measuring itself.
    private const double FreeBytes = 1;
    private const double MoreBytes = 1.1;

    /// <summary>All figures of two files, in the order of the second, then what is gone.</summary>
    public static IReadOnlyList<Compared> All(ResultFile before, ResultFile after)
    {
        var old = before.Figures.ToDictionary(figure => figure.Name);
        var names = after.Figures.Select(figure => figure.Name).ToHashSet();
        return
        [
            .. after.Figures.Select(figure => old.TryGetValue(figure.Name, out var first) ? Of(first, figure) : new(figure.Name, null, figure, null, 1, Verdict.New)),
            .. before.Figures.Where(figure => !names.Contains(figure.Name)).Select(figure => new Compared(figure.Name, figure, null, null, 1, Verdict.Gone)),
        ];
    }

    private static Compared Of(Figure before, Figure after)
    {
        var ratio = before.Value == after.Value ? 1 : after.Value / before.Value;
        var noise = Math.Max(NoiseOf(before), NoiseOf(after));
        var worse = before.IsBetterLarger ? 1 / ratio : ratio;
        var verdict = worse > noise ? Verdict.Worse
            : after.Bytes > FreeBytes + (before.Bytes * MoreBytes) ? Verdict.AllocatesMore
            : worse < 1 / noise ? Verdict.Better
            : Verdict.Same;
        return new(after.Name, before, after, ratio, noise, verdict);
    }

    private static double NoiseOf(Figure figure) => figure.Control?.FactorFromOne ?? new Spread(figure.Value, figure.P5, figure.P95).Factor;
}
