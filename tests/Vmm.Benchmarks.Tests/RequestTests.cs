namespace Vmm.Benchmarks.Tests;

public class RequestTests
{
    private static readonly string[] Groups = ["akka", "mappings"];

    [Fact]
    public void Options_stand_anywhere()
    {
        Assert.True(Request.TryRead(["--quick", "mappings", "--json", "kept.json", "--only", "memory"], Groups, out var request, out _));
        Assert.Equal(("mappings", true, "kept.json", "memory"), (request.Verb, request.IsQuick, request.Json, request.Only));
        Assert.Empty(request.Operands);
    }

    [Fact]
    public void Help_is_help_whatever_stands_beside_it()
    {
        Assert.True(Request.TryRead(["mappings", "-h"], Groups, out var request, out _));
        Assert.Equal(Request.Help, request.Verb);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("list")]
    [InlineData("compare before.json after.json")]
    [InlineData("kernel peer 0000:01:00.0 uuid --quick --json kept.json")]
    public void Every_verb_takes_its_operands(string line)
    {
        Assert.True(Request.TryRead(line.Split(' '), Groups, out var request, out var wrong), wrong);
        Assert.Equal(line.Split(' ')[0], request.Verb);
    }

    [Theory]
    [InlineData("", "no verb; write one of akka, mappings, all")]
    [InlineData("speed", "speed: no such verb; write one of akka, mappings, all")]
    [InlineData("mappings akka", "akka: too much; one verb at a time")]
    [InlineData("all --fast", "--fast: no such option; --help")]
    [InlineData("all --json", "--json: wants the file to write")]
    [InlineData("all --json --quick", "--json: wants the file to write")]
    [InlineData("all --only", "--only: wants a part of a row's name")]
    [InlineData("compare one.json", "compare: wants two files")]
    [InlineData("compare one.json two.json --json three.json", "compare: measures nothing")]
    [InlineData("kernel peer", "kernel: wants the C program")]
    public void What_cannot_be_meant_is_refused_with_a_cure(string line, string message)
    {
        Assert.False(Request.TryRead(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Groups, out _, out var wrong));
        Assert.StartsWith(message, wrong, StringComparison.Ordinal);
    }
}
