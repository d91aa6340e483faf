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
    public void A_soak_takes_its_minutes_and_its_seed()
    {
        Assert.True(Request.TryRead(["soak", "--minutes", "2", "--seed", "7"], Groups, out var request, out _));
        Assert.Equal((2, 7), (request.Minutes, request.Seed));
        Assert.True(Request.TryRead(["soak"], Groups, out request, out _));
        Assert.Equal((10, 1), (request.Minutes, request.Seed));
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
    [InlineData("kernel peer 0000:01:00.0 0000:02:00.0 uuid --quick --json kept.json")]
    [InlineData("soak --minutes 2 --seed 7 --only type1")]
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
    [InlineData("soak --minutes", "--minutes: wants a number of minutes")]
    [InlineData("soak --minutes 0", "--minutes 0: wants a whole number, 1 to")]
    [InlineData("soak --minutes 2.5", "--minutes 2.5: wants a whole number, 1 to")]
    [InlineData("soak --seed many", "--seed many: wants a whole number, 0 to")]
    [InlineData("soak --quick", "soak: has no figures")]
    [InlineData("soak mappings", "mappings: too much")]
    [InlineData("mappings --seed 1", "--seed: belongs to soak")]
    [InlineData("kernel peer", "kernel: wants the C program")]
    [InlineData("kernel peer 0000:01:00.0 uuid", "kernel: wants the C program, a PCI device, a second one")]
    public void What_cannot_be_meant_is_refused_with_a_cure(string line, string message)
    {
        Assert.False(Request.TryRead(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), Groups, out _, out var wrong));
        Assert.StartsWith(message, wrong, StringComparison.Ordinal);
    }
}
