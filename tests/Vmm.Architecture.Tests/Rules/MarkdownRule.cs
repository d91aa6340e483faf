using System.Text.RegularExpressions;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>What documents say about the tree holds.</summary>
internal static partial class MarkdownRule
{
    /// <summary>For each mark the first code block below it, without its fences.</summary>
    public static IReadOnlyList<string> BlocksBelow(string text, string mark)
    {
        var lines = text.Split('\n');
        return
        [
            .. from index in Enumerable.Range(0, lines.Length)
               where lines[index] == mark
               let open = Array.FindIndex(lines, index, line => line.StartsWith("```", StringComparison.Ordinal))
               where open >= 0
               select string.Join('\n', lines.Skip(open + 1).TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal))),
        ];
    }

    /// <summary>Paths between backticks, in a sentence or a command, lead somewhere.</summary>
    public static IEnumerable<Violation> CheckPaths(string path, string text, Func<string, bool> exists) =>
        from line in text.Split('\n').Select((line, index) => (Text: line, Number: index + 1))
        from quoted in Quoted().Matches(line.Text).Select(match => match.Groups["text"].Value)
        from word in quoted.Split(' ', ':')
        where Ours().IsMatch(word) && !exists(word.TrimEnd('/', ',', '.'))
        select new Violation(path, line.Number, $"'{word}' is not in the tree: mend the path, or the tree");

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    // Patterns and placeholders are for reading.
    [GeneratedRegex(@"^(src|tests|configs|docs)/[^*{}<>…]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ours();
}
