using System.Text.RegularExpressions;

namespace Vmm.Cli.Tests;

public sealed partial class DocumentationTests
{
    private const string Prompt = "    $ vmm ";

    // Stands for lines that the documentation leaves out.
    private const string LeftOut = "...\n";

    /// <summary>Commands of <c>docs/cli.md</c> with what it says that they print.</summary>
    public static TheoryData<string> Commands => [.. Lines().Where(IsCommand).Select(line => line[Prompt.Length..])];

    [Fact]
    public void The_documentation_shows_plans_and_pictures()
    {
        var commands = Lines().Where(IsCommand).ToList();

        Assert.Contains(commands, command => command.StartsWith($"{Prompt}plan ", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.StartsWith($"{Prompt}map ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_prints_what_the_documentation_says(string command)
    {
        var shown = Lines().SkipWhile(line => line != Prompt + command).Skip(1).TakeWhile(line => line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal));

        var run = await RunningCommand.Of(command.Split(' '));

        var text = Text(shown.Select(line => line.Length == 0 ? line : line[4..]));
        Assert.Equal("", run.Error);
        if (text.Contains(LeftOut, StringComparison.Ordinal))
        {
            var parts = text.Split(LeftOut, StringSplitOptions.RemoveEmptyEntries).Select(part => Regex.Escape(part.Trim('\n')));
            Assert.Matches($"{string.Join("(.|\n)*", parts)}$", Text(run.Out.Split('\n')));
        }
        else
        {
            Assert.Equal(text, Text(run.Out.Split('\n')));
        }
    }

    private static bool IsCommand(string line) => line.StartsWith(Prompt, StringComparison.Ordinal);

    // Numbers of descriptors and addresses of this process are others in every run.
    private static string Text(IEnumerable<string> lines) =>
        OfThisRun().Replace(string.Join('\n', lines.Select(line => line.TrimEnd())).Trim(), "dma_map(FD${same}ADDRESS)");

    [GeneratedRegex(@"dma_map\(0x[0-9a-f]+(?<same>, 0x[0-9a-f]+, 0x[0-9a-f]+, )0x[0-9a-f]+\)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfThisRun();

    private static string[] Lines() => File.ReadAllLines(RepositoryRoot.PathOf("docs", "cli.md"));
}
