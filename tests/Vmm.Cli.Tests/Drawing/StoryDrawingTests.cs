using Vmm.Cli.Drawing;

namespace Vmm.Cli.Tests.Drawing;

public sealed class StoryDrawingTests
{
    [Theory]
    [InlineData(20, 60)]
    [InlineData(60, 60)]
    [InlineData(80, 80)]
    [InlineData(200, 200)]
    public void No_line_is_wider_than_the_terminal_and_everything_is_said(int columns, int widest)
    {
        var five = new SpaceFrame(Pictures.Space([.. Enumerable.Range(1, 5).Select(n => Pictures.Container(Pictures.Ram(0, 1UL << 30)) with { Title = $"container-{n}" })]));
        foreach (var frame in new[] { five, Pictures.TenThousand(), Pictures.Scattered(10_000) })
        {
            var lines = StoryDrawing.Draw(Story(frame), columns).Select(line => line.ToString()).ToList();

            Assert.All(lines, line => Assert.InRange(line.Length, 0, widest));
            Assert.InRange(lines.Count, 5, 300);
            Assert.All(frame.Now.Containers, container => Assert.Contains(lines, line => line.Contains($"{container.Title}:", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Ten_thousand_mappings_are_told_in_a_line()
    {
        var text = string.Join('\n', StoryDrawing.Draw(Story(Pictures.TenThousand()), 160));

        Assert.Contains("7,999 mappings of 4 KiB, every second page: ~31.2 MiB of ~62.5 MiB", text, StringComparison.Ordinal);
        Assert.Contains("reserved of group 5", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_step_did_is_marked_and_summed()
    {
        var before = Pictures.Space(Pictures.Container(Pictures.Ram(0, 0x10_0000)));
        var now = Pictures.Space(Pictures.Container(Pictures.Ram(1UL << 32, 1UL << 30, name: "dimm")));

        var text = string.Join('\n', StoryDrawing.Draw(Story(new SpaceFrame(now, before)), 80));

        Assert.Contains(" +██", text, StringComparison.Ordinal);
        Assert.Matches("pc.ram +- +gone", text);
        Assert.Contains("Δ container-1: - unmapped 1 MiB (pc.ram); + mapped 1 GiB (dimm)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_changes_nothing_is_not_drawn_again()
    {
        var space = Pictures.Space(Pictures.Container(Pictures.Ram(0, 0x10_0000)));

        var text = string.Join('\n', StoryDrawing.Draw(Story(new SpaceFrame(space, space)), 80));

        Assert.Contains("the picture is as before", text, StringComparison.Ordinal);
        Assert.DoesNotContain("IOVA space", text, StringComparison.Ordinal);
    }

    private static MapStory Story(SpaceFrame frame) => new("title", "about", [new MapStep("1", "asked", "happened", [frame])]);
}
