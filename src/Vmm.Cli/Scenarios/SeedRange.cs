using System.Globalization;

namespace Vmm.Cli.Scenarios;

/// <summary>The orders that scenarios run in: each one's own, one, or a range.</summary>
internal sealed record SeedRange(int? First, int? Last)
{
    private const int MostSeeds = 1_000_000;

    internal bool IsMany => First != Last;

    /// <exception cref="CliException">Both are given, or one is not what it should be.</exception>
    internal static SeedRange Of(string? seed, string? seeds)
    {
        if (seeds is null)
        {
            return seed is null ? new SeedRange(null, null)
                : int.TryParse(seed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var one) ? new SeedRange(one, one)
                : throw new CliException($"--seed {seed}: is no seed; write a whole number from {int.MinValue} to {int.MaxValue}");
        }

        if (seed is not null)
        {
            throw new CliException("--seed stands beside --seeds; give one of them");
        }

        var ends = seeds.Split("..");
        return ends.Length == 2
            && int.TryParse(ends[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last)
            && first <= last && (long)last - first < MostSeeds
                ? new SeedRange(first, last)
                : throw new CliException($"--seeds {seeds}: is no range; write FIRST..LAST, such as 1..20, of at most {MostSeeds} seeds");
    }

    internal IEnumerable<int> Or(int own) =>
        First is { } first && Last is { } last ? Enumerable.Range(first, last - first + 1) : [own];
}
