using Vmm.Cli.Drawing;

namespace Vmm.Cli.Tests.Drawing;

public sealed class IovaNotesTests
{
    [Theory]
    [InlineData(0, "2 entries, 65,535 left; pages 4K 2M 1G")]
    [InlineData(1, "2 entries (1 of the view, 1 of the vIOMMU), 65,535 left, 655 of them for the view alone; pages 4K 2M 1G")]
    public void Who_uses_the_entries_is_told_where_a_vIOMMU_does(int hot, string words)
    {
        var container = Pictures.Container(Pictures.Ram(0, Pictures.Page), Pictures.Ram(0x10_0000, Pictures.Page)) with { Hot = hot, KeptForViews = 655 };

        Assert.Equal(words, IovaNotes.Of(container).First().Text);
    }
}
