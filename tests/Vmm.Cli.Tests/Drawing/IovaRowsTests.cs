using Vmm.Cli.Drawing;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Tests.Drawing;

public sealed class IovaRowsTests
{
    public static TheoryData<string, int> Spaces => new()
    {
        { "ten thousand", 48 }, { "ten thousand", 12 }, { "scattered", 48 }, { "scattered", 5 }, { "scattered", 1 }, { "few", 48 }, { "empty", 48 }, { "top", 48 },
    };

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Rows_cover_the_space_once_and_are_few_enough(string space, int most)
    {
        var rows = IovaRows.Of(FrameOf(space), most);

        Assert.InRange(rows.Count, 1, most);
        Assert.Equal((0UL, ulong.MaxValue), (rows[0].Range.Start.Value, rows[^1].Range.Last.Value));
        Assert.All(rows.Zip(rows.Skip(1)), pair => Assert.True(pair.First.Range.IsFollowedBy(pair.Second.Range)));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Totals_are_those_of_the_space(string space, int most)
    {
        var frame = FrameOf(space);
        var rows = IovaRows.Of(frame, most);

        var mapped = frame.Now.Containers[0].Mapped;
        Assert.Equal(mapped.Count, rows.Sum(row => row.Cells[0].Entries));
        Assert.Equal(Sum(mapped.Select(mapping => mapping.Range)), Sum(rows.SelectMany(row => row.Pieces).Where(IsMapped).Select(row => row.Range)));
        Assert.Equal(mapped.Count, rows.Sum(row => RunWords.In(mapped, row.Range).Count));
    }

    [Fact]
    public void Repeating_mappings_are_one_row_and_a_hole_of_a_page_among_them_is_another()
    {
        var frame = Pictures.TenThousand();

        var rows = IovaRows.Of(frame, 48).Where(row => !row.IsEmpty).ToList();

        Assert.Equal(
            [
                "2,001 mappings of 4 KiB, every second page: 8004 KiB of ~15.6 MiB", "reserved", "7,999 mappings of 4 KiB, every second page: ~31.2 MiB of ~62.5 MiB",
                "msi", "1 mapping of 1 TiB",
            ],
            rows.Where(row => row.Cells[0].Look != Look.Outside).Select(row => row.Cells[0].Look == Look.Reserved ? row.Name : RunWords.Of(frame.Now.Containers[0], row.Range)));
    }

    [Fact]
    public void A_hole_is_drawn_apart_however_crowded_it_is_around()
    {
        var crowded = Pictures.Scattered(10_000);
        var container = crowded.Now.Containers[0];
        var gap = IovaRange.FromLength(container.Mapped[5000].Range.Last.Value + 1, Pictures.Page);
        var frame = new SpaceFrame(Pictures.Space(container with { Reserved = [new(ReservedRegionKind.Msi, gap, "group 5", "test")] }));

        Assert.Contains(IovaRows.Of(frame, 24), row => row.Range == gap && row.Cells[0].Look == Look.Reserved);
    }

    [Fact]
    public void Few_mappings_are_not_put_together() =>
        Assert.All(IovaRows.Of(FrameOf("few"), 48), row => Assert.Empty(row.Parts));

    private static SpaceFrame FrameOf(string space) => space switch
    {
        "ten thousand" => Pictures.TenThousand(),
        "scattered" => Pictures.Scattered(10_000),
        "few" => Pictures.Frame(Pictures.Ram(0, 0xa_0000), Pictures.Ram(0xc_0000, 0x4_0000, DmaAccess.Read), Pictures.Ram(0x10_0000, 0x7ff0_0000)),
        "top" => Pictures.Frame(Pictures.Ram(ulong.MaxValue - 0xfff, 0x1000)),
        _ => Pictures.Frame(),
    };

    private static bool IsMapped(IovaRow row) => row.Cells[0].Look is Look.Writable or Look.ReadOnly or Look.Dying;

    private static UInt128 Sum(IEnumerable<IovaRange> ranges) => ranges.Aggregate(UInt128.Zero, (sum, range) => sum + range.Length);
}
