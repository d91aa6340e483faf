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
        for (var rest = Bitmap; rest != 0;)
        {
            var page = 1UL << BitOperations.Log2(rest);
            rest &= ~page;
            var distance = range.Start.Value - hostStart;
            var skip = (0 - range.Start.Value) & (page - 1);
            if ((distance & (page - 1)) == 0 && (UInt128)skip + page <= range.Length)
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
        return Entries(range.Start.Value, (UInt128)range.Last.Value + 1, usable);
    }

    private static UInt128 Entries(UInt128 start, UInt128 end, ulong sizes)
    {
        if (start >= end || sizes == 0)
        {
            return 0;
        }

        // Powers of two: a division of 128 bits would cost more than all the rest.
        var shift = BitOperations.Log2(sizes);
        var smaller = sizes & ~(1UL << shift);
        var first = (start + ((1UL << shift) - 1)) >> shift << shift;
        var last = end >> shift << shift;
        return first >= last
            ? Entries(start, end, smaller)
            : ((last - first) >> shift) + Entries(start, first, smaller) + Entries(last, end, smaller);
    }

    /// <summary>The bitmap as <c>0x…</c>.</summary>
    public override string ToString() => $"0x{Bitmap:x}";
}
