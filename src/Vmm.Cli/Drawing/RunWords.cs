using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>Many mappings in a line: how many, how large, how far apart, how much of the range.</summary>
internal static class RunWords
{
    /// <summary>The mappings of a container that begin in a range; null when there is none.</summary>
    internal static string? Of(SpacePicture.Container container, IovaRange range)
    {
        var run = In(container.Mapped, range);
        if (run.Count == 0)
        {
            return null;
        }

        var bytes = run.Aggregate(UInt128.Zero, (sum, mapping) => sum + mapping.Range.Length);
        var words = $"{run.Count:N0} {(run.Count == 1 ? "mapping" : "mappings")} of {Sizes(run)}{Apart(run)}{ReadOnly(run)}";
        return bytes == range.Length ? words : $"{words}: {ByteSize.Of(bytes)} of {ByteSize.Of(range.Length)}";
    }

    /// <summary>The mappings that begin in a range, ascending.</summary>
    internal static IReadOnlyList<SpacePicture.Mapping> In(IReadOnlyList<SpacePicture.Mapping> ascending, IovaRange range)
    {
        var first = FirstFrom(ascending, range.Start);
        var end = range.Last.Value == ulong.MaxValue ? ascending.Count : FirstFrom(ascending, new Iova(range.Last.Value + 1));
        return [.. ascending.Skip(first).Take(end - first)];
    }

    private static int FirstFrom(IReadOnlyList<SpacePicture.Mapping> ascending, Iova start)
    {
        var (low, high) = (0, ascending.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = ascending[middle].Range.Start < start ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static string Sizes(IReadOnlyList<SpacePicture.Mapping> run)
    {
        var (least, most) = (run.Min(mapping => mapping.Range.Length), run.Max(mapping => mapping.Range.Length));
        return least == most ? ByteSize.Of(least) : $"{ByteSize.Of(least)} to {ByteSize.Of(most)}";
    }

    private static string Apart(IReadOnlyList<SpacePicture.Mapping> run)
    {
        var strides = run.Zip(run.Skip(1), (mapping, next) => next.Range.Start.Value - mapping.Range.Start.Value).Distinct().Take(2).ToList();
        var length = run[0].Range.Length;
        return strides is not [var stride] || run.Any(mapping => mapping.Range.Length != length) ? ""
            : stride == length ? ", end to end"
            : length == 4096 && stride == 8192 ? ", every second page"
            : $", one every {ByteSize.Of(stride)}";
    }

    private static string ReadOnly(IReadOnlyList<SpacePicture.Mapping> run)
    {
        var readOnly = run.Count(mapping => !mapping.Access.HasFlag(DmaAccess.Write));
        return readOnly == 0 ? "" : readOnly == run.Count ? ", read-only" : $", {readOnly:N0} of them read-only";
    }
}
