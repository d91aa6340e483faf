using System.Text.RegularExpressions;
using System.Xml.Linq;
using Vmm.Cli.Drawing;
using Vmm.Cli.Drawing.Svg;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Tests.Drawing;

public sealed partial class SvgPageTests
{
    private const string Odd = "<b>&\"'\u0001\ud800 名前 ]]>";

    public static TheoryData<string> Stories => ["ten thousand", "scattered", "odd", "five containers", "empty", "nobody", "top", "skips"];

    [Theory]
    [MemberData(nameof(Stories))]
    public void A_page_is_well_formed_and_needs_nothing_else(string story)
    {
        var page = SvgPage.Of(StoryOf(story)).Text;

        var root = XDocument.Parse(page).Root!;
        Assert.Equal("{http://www.w3.org/2000/svg}svg", root.Name.ToString());
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName is "href" or "src" || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.DoesNotContain(root.Descendants(), element => element.Name.LocalName is "script" or "image" or "foreignObject" or "use" or "a");
        Assert.All(References().Matches(page), match => Assert.Equal('#', match.Groups["target"].Value[0]));
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stories))]
    public void No_two_texts_touch_and_none_leaves_the_page(string story)
    {
        var texts = SvgPage.Of(StoryOf(story)).Texts;

        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.InRange(text.Left + text.Width, 0, Columns.Page));
        var byHeight = texts.OrderBy(text => text.Top).ToList();
        for (var at = 0; at < byHeight.Count; at++)
        {
            for (var next = at + 1; next < byHeight.Count && byHeight[next].Top < byHeight[at].Top + byHeight[at].Height; next++)
            {
                Assert.False(byHeight[at].Overlaps(byHeight[next]), $"{byHeight[at]} over {byHeight[next]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Stories))]
    public void A_step_is_a_small_file(string story) => Assert.InRange(SvgPage.Of(StoryOf(story)).Text.Length, 1000, 200_000);

    [Theory]
    [InlineData("ten thousand", 100)]
    [InlineData("scattered", 400)]
    [InlineData("skips", 400)]
    public void Ten_thousand_ranges_are_drawn_with_few_shapes(string story, int most)
    {
        var shapes = XDocument.Parse(SvgPage.Of(StoryOf(story)).Text).Descendants().Count(element => element.Name.LocalName is "rect" or "path");

        Assert.InRange(shapes, 10, most);
    }

    [Fact]
    public void The_words_of_a_crowded_row_leave_its_bars_to_be_seen()
    {
        using var canvas = new SvgCanvas();
        var columns = new Columns(1);
        var frame = Pictures.Scattered(10_000);
        var row = IovaRows.Of(frame, 48).First(row => row.Parts.Count > 0);

        new RowSketch(frame.Now, row, columns, 34).Draw(canvas, 0);

        var words = Assert.Single(canvas.Texts, text => text.Text.EndsWith(" mappings", StringComparison.Ordinal));
        Assert.InRange(words.Left, columns.Box(0) + (columns.BoxWidth / 2), columns.Box(0) + columns.BoxWidth);
    }

    [Fact]
    public void Names_come_out_as_text()
    {
        var root = XDocument.Parse(SvgPage.Of(StoryOf("odd")).Text).Root!;

        Assert.Contains(root.Descendants(), element => element.Name.LocalName == "text" && element.Value.Contains("<b>&\"'", StringComparison.Ordinal));
        Assert.DoesNotContain(root.Descendants(), element => element.Name.LocalName == "b");
    }

    [Fact]
    public void Every_look_has_a_pattern_and_every_difference_a_mark_of_its_own()
    {
        var looks = Enum.GetValues<Look>().Where(look => look is not (Look.Free or Look.Mixed)).Select(SvgStyle.Of).ToList();
        Assert.Equal(looks.Count, looks.Distinct().Count());
        Assert.All(looks, look => Assert.Contains($".{look}{{", SvgStyle.Sheet, StringComparison.Ordinal));
        var marks = Enum.GetValues<Difference>().Select(SpaceChanges.MarkOf).ToList();
        Assert.Equal(marks.Count, marks.Distinct().Count());
    }

    [Fact]
    public void A_page_a_window_and_a_terabyte_can_all_be_seen_and_the_larger_is_higher()
    {
        ulong[] lengths = [0x1000, 1 << 20, 1UL << 40];

        var heights = lengths.Select(length => RowSketch.BaseHeight(IovaRows.Of(Pictures.Frame(Pictures.Ram(1UL << 41, length))).Single(row => row.Name.Length > 0))).ToList();

        Assert.True(heights[0] >= 20 && heights[0] < heights[1] && heights[1] < heights[2] && heights[2] < 60, string.Join(", ", heights));
    }

    [Fact]
    public void Shares_of_a_row_add_up()
    {
        var row = Assert.Single(IovaRows.Of(Pictures.TenThousand(), 48), row => row.Cells[0].Entries > 5000);

        var shares = ShareSketch.Shares(row, 0, 20);

        Assert.All(shares, slice => Assert.InRange(slice.Sum(), 0.49, 0.51));
    }

    private static MapStory StoryOf(string story)
    {
        var frame = story switch
        {
            "ten thousand" => Pictures.TenThousand(),
            "scattered" => Pictures.Scattered(10_000),
            "odd" => new SpaceFrame(Pictures.Space(Pictures.Container(Pictures.Ram(0, 0x1000, name: Odd)) with { Degraded = Odd })),
            "five containers" => new SpaceFrame(Pictures.Space([.. Enumerable.Range(1, 5).Select(n => Pictures.Container(Pictures.Ram(0, 0x1000), Pictures.Ram(1UL << 32, 1UL << 40)) with
            {
                Title = $"container-{n}",
                Skipped = [new(IovaRange.FromLength(0xe000_0000, 0x10_0000), "0000:01:00.0 BAR 0 of a name that is far too long for any column of a page", "the kernel cannot pin it, in words that go on and on")],
            })])),
            "empty" => new SpaceFrame(Pictures.Space()),
            "top" => Pictures.Frame(Pictures.Ram(ulong.MaxValue - 0xfff, 0x1000)),
            "skips" => new SpaceFrame(Pictures.Space(Pictures.Container() with
            {
                Skipped = [.. Enumerable.Range(0, 10_000).Select(n => new SpacePicture.Skip(IovaRange.FromLength((ulong)n * 0x3000, 0x1000), $"BAR {n}", $"reason {n % 40}"))],
                Reserved = [new(ReservedRegionKind.DirectRelaxable, IovaRange.FromBounds(0, 0xf_ffff), "group 1", "test")],
            })),
            _ => null,
        };
        return new MapStory(story == "odd" ? Odd : story, story == "odd" ? Odd : "", [new MapStep("1", "what was asked", "what happened", frame is null ? [] : [frame])]);
    }

    [GeneratedRegex(@"url\((?<target>[^)]*)\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex References();
}
