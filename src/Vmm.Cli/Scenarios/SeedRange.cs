using System.Globalization;

namespace Vmm.Cli.Scenarios;

/// <summary>The orders that scenarios run in: each one's own, one, or a range.</summary>
internal sealed record SeedRange(int? First, int? Last)
{
    private const int MostSeeds = 1_000_000;

    internal bool IsMany => First != Last;

    /// <exception cref="CliException">Both are given, or the range is none.</exception>
    internal static SeedRange Of(int? seed, string? seeds)
    {
        if (seeds is null)
        {
            return new SeedRange(seed, seed);
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
