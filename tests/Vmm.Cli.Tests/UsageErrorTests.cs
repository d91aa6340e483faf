namespace Vmm.Cli.Tests;

public sealed class UsageErrorTests
{
    [Theory]
    [InlineData("'topolgy': no such verb; did you mean 'topology'?", "topolgy", "--host", "linux")]
    [InlineData("'xyzzy': no such verb; there are ", "xyzzy")]
    [InlineData("'--hots': no such option; did you mean '--host'?", "topology", "--hots", "linux")]
    [InlineData("'--jsn': no such option; did you mean '--json'?", "topology", "--host", "linux", "--jsn")]
    [InlineData("'--zzzzzz': no such option; there are --help, --host, --json", "topology", "--host", "linux", "--zzzzzz")]
    [InlineData("'more': no such argument; take it out", "topology", "--host", "linux", "more")]
    [InlineData("'--sed': no such option; did you mean '--seed'?", "scenario", "--sed", "configs/scenarios/tour.yaml")]
    [InlineData("--seed x: is no seed; write a whole number", "scenario", "configs/scenarios/tour.yaml", "--seed", "x")]
    [InlineData("a scenario: its path is empty", "scenario", "")]
    [InlineData("configs: it is a directory; name a scenario file", "scenario", "configs")]
    [InlineData("Option '--host' is required; vmm topology --help shows examples", "topology")]
    [InlineData("Option '--config' is required; vmm serve --help shows examples", "serve")]
    public async Task A_wrong_command_line_is_one_line_with_a_cure(string start, params string[] arguments)
    {
        var run = await RunningCommand.Of(arguments);

        Assert.StartsWith($"vmm: {start}", run.TheOneErrorLine(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serv", "serve")]
    [InlineData("SERVE", "serve")]
    [InlineData("scenrio", "scenario")]
    [InlineData("q", null)]
    [InlineData("topographies", null)]
    public void The_nearest_name_is_found_when_it_is_near(string written, string? meant) =>
        Assert.Equal(meant, NearestName.Of(written, ["serve", "scenario", "topology"]));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "abd", 1)]
    [InlineData("abc", "ab", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string from, string to, int edits) => Assert.Equal(edits, NearestName.Edits(from, to));
}
