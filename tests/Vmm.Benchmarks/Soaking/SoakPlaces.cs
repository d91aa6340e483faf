using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Benchmarks.Soaking;

/// <summary>The IOVAs of a soak: a few thousand pages in blocks, each of which a vIOMMU translates at a time, or a view may use. Pure.</summary>
internal static class SoakPlaces
{
    public const ulong Page = 0x1000;
    public const int PagesOfBlock = 256;
    public const int Blocks = 16;
    public const int Pages = Blocks * PagesOfBlock;
    public const int AllBlocks = (1 << Blocks) - 1;

    private const ulong Base = 0x1_0000_0000;

    /// <summary>Some pages.</summary>
    public static IovaRange At(int first, int pages) => IovaRange.FromLength(Base + ((ulong)first * Page), (ulong)pages * Page);

    /// <summary>The number of the page at an IOVA.</summary>
    public static int PageOf(Iova iova) => (int)((iova.Value - Base) / Page);

    /// <summary>Blocks as windows, neighbours as one.</summary>
    /// <param name="blocks">A bit a block.</param>
    public static ValidIovaRanges WindowsOf(int blocks)
    {
        var windows = new List<IovaRange>();
        for (var block = 0; block < Blocks; block++)
        {
            if ((blocks & (1 << block)) == 0)
            {
                continue;
            }

            var range = At(block * PagesOfBlock, PagesOfBlock);
            if (windows.Count > 0 && windows[^1].IsFollowedBy(range))
            {
                windows[^1] = new IovaRange(windows[^1].Start, range.Last);
            }
            else
            {
                windows.Add(range);
            }
        }

        return new ValidIovaRanges(windows);
    }

    /// <summary>A random place for some pages inside one of the blocks.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="blocks">A bit a block; at least one.</param>
    /// <param name="pages">How many, at most a block.</param>
    public static int PlaceIn(Random random, int blocks, int pages)
    {
        var chosen = random.Next(int.PopCount(blocks));
        for (var block = 0; ; block++)
        {
            if ((blocks & (1 << block)) != 0 && chosen-- == 0)
            {
                return (block * PagesOfBlock) + random.Next(PagesOfBlock - pages + 1);
            }
        }
    }
}
