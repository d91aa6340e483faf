using System.CommandLine;

namespace Vmm.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. Create().Subcommands.Select(verb => verb.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_of_every_verb_starts_with_examples_of_it(string verb)
    {
        var help = await RunningCommand.Of(verb, "--help");

        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.StartsWith($"Examples:{Environment.NewLine}  vmm {verb} ", help.Out, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_has_json(string verb) =>
        Assert.Contains(Create().Subcommands.Single(command => command.Name == verb).Options, option => option.Name == "--json");

    [Fact]
    public void Every_example_can_be_parsed()
    {
        var root = Create();
        foreach (var example in root.Subcommands.Prepend(root).SelectMany(ExamplesFirstHelp.ExamplesOf))
        {
            Assert.StartsWith("vmm ", example, StringComparison.Ordinal);
            Assert.Empty(root.Parse(example["vmm ".Length..]).Errors);
        }
    }

    [Fact]
    public async Task The_command_alone_shows_its_help()
    {
        var alone = await RunningCommand.Of();
        var help = await RunningCommand.Of("--help");

        Assert.Equal(help, alone);
        Assert.Contains("0 done, 1 refused by a rule, 2 error", help.Out, StringComparison.Ordinal);
        Assert.All(Create().Subcommands, verb => Assert.Contains($"  {verb.Name}", help.Out, StringComparison.Ordinal));
    }

    private static RootCommand Create() => VmmCommand.Create(new CliConsole(TextReader.Null, TextWriter.Null, TextWriter.Null, IsTerminal: false, Width: 160));
}
