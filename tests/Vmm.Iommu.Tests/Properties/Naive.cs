using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>Sets of IOVAs, compared byte by byte at the only places where they can change: at the ends of what they are made of.</summary>
internal static class Naive
{
    /// <summary>First and last byte of each range, their neighbours, and both ends of the space.</summary>
    public static IReadOnlyCollection<Iova> Points(IEnumerable<IovaRange> ranges)
    {
        var points = new HashSet<Iova> { IovaRange.All.Start, IovaRange.All.Last };
        foreach (var range in ranges)
        {
            // Past either end of the space the neighbour is at the other end, which is asked about anyway.
            points.UnionWith([range.Start, range.Last, new Iova(unchecked(range.Start.Value - 1)), new Iova(unchecked(range.Last.Value + 1))]);
        }

        return points;
    }

    /// <summary>True when ranges ascend, never touch, and hold exactly the bytes that a model says.</summary>
    /// <param name="set">The ranges.</param>
    /// <param name="madeOf">Ranges between the ends of which the model says the same of every byte.</param>
    /// <param name="model">True for a byte of the set.</param>
    public static bool IsExactly(IReadOnlyList<IovaRange> set, IEnumerable<IovaRange> madeOf, Func<Iova, bool> model) =>
        set.Zip(set.Skip(1)).All(pair => pair.First.Last < pair.Second.Start && !pair.First.IsFollowedBy(pair.Second))
        && Points([.. set, .. madeOf]).All(point => set.Any(range => range.Contains(point)) == model(point));

    /// <summary>The page around a byte.</summary>
    public static IovaRange PageOf(Iova point, ulong page) => IovaRange.FromBounds(point.Value & ~(page - 1), point.Value | (page - 1));

    /// <summary>The whole pages that a range touches.</summary>
    public static IovaRange Widened(IovaRange range, ulong page) =>
        IovaRange.FromBounds(range.Start.Value & ~(page - 1), range.Last.Value | (page - 1));

    /// <summary>Bytes of ranges that share none.</summary>
    public static UInt128 Sum(IEnumerable<IovaRange> ranges) => ranges.Aggregate(UInt128.Zero, (sum, range) => sum + range.Length);
}
