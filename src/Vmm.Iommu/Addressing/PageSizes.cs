using System.Numerics;

namespace Vmm.Iommu.Addressing;

/// <summary>The page sizes an IOMMU can use, as the kernel's bitmap: bit n set means pages of 2^n bytes.</summary>
/// <param name="Bitmap">The bitmap; zero means unknown and is not a valid set for mapping.</param>
public readonly record struct PageSizes(ulong Bitmap)
{
    /// <summary>4 KiB, 2 MiB and 1 GiB: what x86 and most arm64 IOMMUs have.</summary>
    public static readonly PageSizes Usual = new(0x40201000);

    /// <summary>4 KiB pages alone.</summary>
    public static readonly PageSizes FourKiB = new(0x1000);

    /// <summary>Smallest page in bytes: the alignment of every map and unmap. Zero when the set is empty.</summary>
    public ulong Smallest => Bitmap & (~Bitmap + 1);

    /// <summary>Largest page in bytes. Zero when the set is empty.</summary>
    public ulong Largest => Bitmap == 0 ? 0 : 1UL << BitOperations.Log2(Bitmap);

    /// <summary>True when start and length of <paramref name="range"/> are multiples of the smallest page.</summary>
    public bool IsAligned(IovaRange range) =>
        Smallest is var page && page != 0 && ((range.Start.Value | (range.Last.Value + 1)) & (page - 1)) == 0;

    /// <summary>
    /// The largest page of the set that fits somewhere in <paramref name="range"/> when IOVA and host address keep
    /// their distance; zero when none does.
    /// </summary>
    public ulong LargestUsable(IovaRange range, ulong hostStart)
    {
        var distance = unchecked(range.Start.Value - hostStart);
        var toLast = range.Last.Value - range.Start.Value;
        for (var rest = Bitmap; rest != 0;)
        {
            var page = 1UL << BitOperations.Log2(rest);
            rest &= ~page;
            var skip = unchecked(0 - range.Start.Value) & (page - 1);
            if ((distance & (page - 1)) == 0 && skip <= toLast && page - 1 <= toLast - skip)
            {
                return page;
            }
        }

        return 0;
    }

    /// <summary>
    /// Page-table entries that a range takes when each is as large as the range and the distance between IOVA and host
    /// address allow. A rest smaller than the smallest page takes none, and nothing can be mapped at an odd distance.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="hostStart">Host address of its first byte; what is behind it is taken as contiguous.</param>
    public UInt128 EntriesFor(IovaRange range, ulong hostStart)
    {
        // A page can be used where it divides the distance, which its lowest bit decides.
        var distance = unchecked(range.Start.Value - hostStart);
        var usable = distance == 0 ? Bitmap : Bitmap & unchecked(((distance & (~distance + 1)) << 1) - 1);
        return range.Last.Value < 1UL << 63
            ? Entries(range.Start.Value, range.Last.Value + 1, usable)
            : Entries((UInt128)range.Start.Value, (UInt128)range.Last.Value + 1, usable);
    }

    /// <summary>Counts in the numbers given: 64 bits take a third of the time, and 128 are needed near the top, where ends round up past it.</summary>
    private static T Entries<T>(T start, T end, ulong sizes)
        where T : IBinaryInteger<T>
    {
        if (start >= end || sizes == 0)
        {
            return T.Zero;
        }

        // Powers of two: a division of 128 bits would cost more than all the rest.
        var shift = BitOperations.Log2(sizes);
        var smaller = sizes & ~(1UL << shift);
        var first = (start + ((T.One << shift) - T.One)) >> shift << shift;
        var last = end >> shift << shift;
        return first >= last
            ? Entries(start, end, smaller)
            : ((last - first) >> shift) + Entries(start, first, smaller) + Entries(last, end, smaller);
    }

    /// <summary>The bitmap as <c>0x…</c>.</summary>
    public override string ToString() => $"0x{Bitmap:x}";
}
