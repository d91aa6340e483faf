using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Tests.Drawing;

/// <summary>Pictures to draw.</summary>
internal static class Pictures
{
    public const ulong Page = 0x1000;

    public static readonly PageSizes Pages = new(0x40201000);

    public static SpacePicture.Mapping Ram(ulong start, ulong length, DmaAccess access = DmaAccess.ReadWrite, string name = "pc.ram") =>
        new(IovaRange.FromLength(start, length), name, access)
        {
            Offset = start,
            LargestPage = Pages.LargestUsable(IovaRange.FromLength(start, length), start),
        };

    public static SpacePicture.Container Container(params IReadOnlyList<SpacePicture.Mapping> mapped) => new("container-1", "group 5; device 0000:05:00.0")
    {
        Mapped = mapped,
        Pages = Pages,
        EntriesLeft = 65535,
        Windows = new ValidIovaRanges([IovaRange.FromBounds(0, 0xffff_ffff_ffff)]),
    };

    public static SpacePicture Space(params IReadOnlyList<SpacePicture.Container> containers) => new("memory", 1, containers);

    public static SpaceFrame Frame(params IReadOnlyList<SpacePicture.Mapping> mapped) => new(Space(Container(mapped)));

    /// <summary>Every second page from 16 MiB on, a hole of a page among them, and a terabyte above.</summary>
    public static SpaceFrame TenThousand()
    {
        var hole = IovaRange.FromLength(0x100_0000 + (4001 * Page), Page);
        var mapped = Enumerable.Range(0, 10_000).Select(n => Ram(0x100_0000 + ((ulong)n * 2 * Page), Page, name: "pages")).Append(Ram(1UL << 40, 1UL << 40)).ToList();
        return new SpaceFrame(Space(Container(mapped) with
        {
            Reserved = [new(ReservedRegionKind.Reserved, hole, "group 5", "test"), new(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff), "group 5", "test")],
        }));
    }

    /// <summary>Mappings of odd sizes at odd distances, the same in every run.</summary>
    public static SpaceFrame Scattered(int count)
    {
        var mapped = new List<SpacePicture.Mapping>();
        var (at, state) = (0x100_0000UL, 12345u);
        for (var n = 0; n < count; n++)
        {
            state = (state * 1664525) + 1013904223;
            var pages = 1 + (state >> 28);
            mapped.Add(Ram(at, pages * Page, (state >> 8 & 3) == 0 ? DmaAccess.Read : DmaAccess.ReadWrite, $"r{state >> 4 & 3}"));
            at += (pages + 1 + (state >> 20 & 0xff)) * Page;
        }

        return new SpaceFrame(Space(Container(mapped)));
    }
}
