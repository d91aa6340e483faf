using Vmm.Lab.Histories;

namespace Vmm.Lab.Tests.Histories;

public class OperationTests
{
    [Theory]
    [InlineData("map on=container:0 argsz=0x20 flags=3 memory=1 offset=0 iova=0xffffffffffff0000 size=0x1000")]
    [InlineData("set-container on=group:4 with=none:0")]
    [InlineData("locked")]
    public void An_operation_is_read_as_it_was_written(string text) => Assert.Equal(text, Operation.Parse(text).ToString());

    [Theory]
    [InlineData("map iova")]
    [InlineData("map iova=")]
    [InlineData("map iova=-1")]
    [InlineData("map iova=0x10000000000000000")]
    [InlineData("map on=0")]
    [InlineData("map on=nothing:0")]
    [InlineData("map =3")]
    public void What_cannot_be_read_is_named(string text) => Assert.Throws<FormatException>(() => Operation.Parse(text));

    [Fact]
    public void A_history_leaves_out_comments_and_names_the_line_that_is_wrong()
    {
        var history = History.Parse("# first\nopen on=container:0 # why\n\nlocked\n");
        Assert.Equal(["open on=container:0", "locked"], history.Operations.Select(operation => operation.ToString()));
        Assert.Equal("# so\nopen on=container:0\nlocked\n", history.ToText("so"));
        Assert.StartsWith("line 2:", Assert.Throws<FormatException>(() => History.Parse("locked\nmap x\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_that_is_missing_is_zero_and_one_is_replaced_by_position()
    {
        var operation = Operation.Parse("map on=container:1 iova=0x2000");
        Assert.Equal(0UL, operation["size"]);
        Assert.Equal(new Handle(HandleKind.Container, 1), operation.HandleOf("on"));
        Assert.Equal("map on=container:1 iova=7", operation.With(1, 7).ToString());
    }
}
