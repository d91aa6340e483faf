using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Tests.Properties;

/// <summary>Generators of ranges that crowd around the edges where arithmetic goes wrong.</summary>
internal static class Ranges
{
    /// <summary>0, 2^32, 2^52, 2^63 and 2^64: the last as 0, since a distance below it wraps to the top.</summary>
    private static readonly ulong[] Edges = [0, 1UL << 32, 1UL << 52, 1UL << 63];

    /// <summary>Addresses within <paramref name="spread"/> steps of <paramref name="step"/> bytes around the edges.</summary>
    public static Gen<ulong> Address(int spread, ulong step) =>
        from edge in Gen.Elements(Edges)
        from distance in Gen.Choose(-spread, spread)
        select unchecked(edge + ((ulong)(long)distance * step));

    /// <summary>Ranges of 1 to <paramref name="longest"/> steps that begin near an edge; cut at 2^64-1.</summary>
    public static Gen<IovaRange> Near(int spread, int longest, ulong step) =>
        from start in Address(spread, step)
        from steps in Gen.Choose(1, longest)
        let most = ulong.MaxValue - start
        select IovaRange.FromBounds(start, start + Math.Min(most, ((ulong)steps * step) - 1));

    /// <summary>Ranges of pages.</summary>
    public static Gen<IovaRange> Pages(int spread = 40, int longest = 8) => Near(spread, longest, 0x1000);

    /// <summary>Ranges of a few bytes.</summary>
    public static Gen<IovaRange> Bytes(int spread = 6, int longest = 5) => Near(spread, longest, 1);

    /// <summary>Ranges from near one edge to near another, of whole steps: up to the whole space.</summary>
    public static Gen<IovaRange> Spans(int spread, ulong step) =>
        from one in Address(spread, step)
        from other in Address(spread, step)
        select IovaRange.FromBounds(Math.Min(one, other), Math.Max(one, other) | (step - 1));

    /// <summary>All of these.</summary>
    public static Gen<IovaRange> Mixed() =>
        Gen.Frequency((4, Pages(12)), (4, Bytes()), (1, Spans(6, 1)), (1, Spans(6, 0x1000)), (1, Gen.Elements(IovaRange.All)));

    /// <summary>Up to <paramref name="most"/> ranges.</summary>
    public static Gen<IovaRange[]> Some(Gen<IovaRange> ranges, int most) =>
        from count in Gen.Choose(0, most)
        from some in ranges.ArrayOf(count)
        select some;
}
