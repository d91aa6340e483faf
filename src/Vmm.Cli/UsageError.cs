using System.CommandLine;
using System.CommandLine.Parsing;

namespace Vmm.Cli;

/// <summary>Turns what the parser found wrong into one line with a suggestion.</summary>
internal static class UsageError
{
    /// <summary>The first thing wrong with a command line, or null.</summary>
    public static string? Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Errors.Count == 0)
        {
            return OptionAmongArguments(parsed) is { } odd ? Unknown(command, odd) : null;
        }

        return parsed.UnmatchedTokens.Count > 0
            ? Unknown(command, parsed.UnmatchedTokens[0])
            : $"{parsed.Errors[0].Message.TrimEnd('.')}; {FullName(parsed.CommandResult)} --help shows examples";
    }

    // An argument that takes several takes a mistyped option as well; behind "--" everything is an argument.
    private static string? OptionAmongArguments(ParseResult parsed) =>
        parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? null
            : parsed.CommandResult.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal))?.Value;

    private static string Unknown(Command command, string token)
    {
        var isOption = token.StartsWith('-');
        var known = isOption ? OptionNames(command) : command.Subcommands.Select(verb => verb.Name).ToList();
        var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "verb" : "argument";
        var cure = NearestName.Of(token, known) is { } near
            ? $"did you mean '{near}'?"
            : known.Count > 0 ? $"there are {string.Join(", ", known.Order(StringComparer.Ordinal))}" : "take it out";
        return $"'{token}': no such {kind}; {cure}";
    }

    private static List<string> OptionNames(Command command) =>
        [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name), .. command is RootCommand ? [] : new[] { "--help" }];

    private static string FullName(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{FullName(parent)} {result.Command.Name}" : "vmm";
}
