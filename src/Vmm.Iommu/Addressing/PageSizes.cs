using System.Numerics;

namespace Vmm.Iommu.Addressing;

/// <summary>The page sizes an IOMMU can use, as the kernel's bitmap: bit n set means pages of 2^n bytes.</summary>
/// <param name="Bitmap">The bitmap; zero means unknown and is not a valid set for mapping.</param>
public readonly record struct PageSizes(ulong Bitmap)
{
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

    /// <summary>The bitmap as <c>0x…</c>.</summary>
    public override string ToString() => $"0x{Bitmap:x}";
}
