using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>docs/requirements.md: every numbered rule, its text, and the tests that cite it.</summary>
internal static partial class RequirementsDocument
{
    /// <summary>A numbered rule.</summary>
    /// <param name="Section">The heading that it stands under.</param>
    /// <param name="Number">Such as <c>R0.4</c>.</param>
    /// <param name="Text">Marks and words.</param>
    internal sealed record Requirement(string Section, string Number, string Text);

    /// <summary>A test that says which rule it holds.</summary>
    /// <param name="Number">The number cited.</param>
    /// <param name="Test">Class.Method, or the class when all its tests cite the number.</param>
    /// <param name="Place">Where the citation stands.</param>
    internal sealed record Citation(string Number, string Test, Violation Place);

    /// <summary>Reads the list: a heading after <c>#</c>, else number and text; blank lines part them.</summary>
    /// <exception cref="FormatException">A line is neither, or a number comes twice; names the line.</exception>
    public static IReadOnlyList<Requirement> Parse(string text)
    {
        var (section, rules) = ("", new List<Requirement>());
        foreach (var (line, index) in text.Split('\n').Select((line, index) => (line.Trim(), index + 1)))
        {
            if (line.StartsWith('#'))
            {
                section = line[1..].Trim();
            }
            else if (Rule().Match(line) is { Success: true } match)
            {
                var number = match.Groups["number"].Value;
                if (rules.Exists(rule => rule.Number == number))
                {
                    throw new FormatException($"requirements.txt:{index}: {number} stands here a second time: give each rule one line");
                }

                rules.Add(new(section, number, match.Groups["text"].Value));
            }
            else if (line.Length != 0)
            {
                throw new FormatException($"requirements.txt:{index}: '{line}' is neither '# heading' nor 'R0.1 [S] text'");
            }
        }

        return rules;
    }

    /// <summary>The <c>[Trait("Requirement", "R0.4")]</c> attributes of a file of tests.</summary>
    public static IEnumerable<Citation> Citations(SourceFile file)
    {
        foreach (var attribute in file.Nodes<AttributeSyntax>().Where(attribute => attribute.Name.ToString() == "Trait"))
        {
            if (attribute.ArgumentList?.Arguments is not [var key, var value] || Literal(key) != "Requirement")
            {
                continue;
            }

            var method = attribute.FirstAncestorOrSelf<MethodDeclarationSyntax>();
            var type = attribute.FirstAncestorOrSelf<TypeDeclarationSyntax>()!.Identifier.Text;
            var number = Literal(value) ?? value.ToString();
            yield return new(number, method is null ? $"{type}.*" : $"{type}.{method.Identifier}", file.At(attribute, number));
        }
    }

    /// <summary>Citations of numbers that no rule has.</summary>
    public static IEnumerable<Violation> Unknown(IReadOnlyList<Requirement> rules, IEnumerable<Citation> citations) =>
        citations.Where(citation => !rules.Any(rule => rule.Number == citation.Number))
            .Select(citation => citation.Place with { Message = $"no rule has the number {citation.Number}: cite one of tests/Vmm.Architecture.Tests/Data/requirements.txt" });

    /// <summary>The document, in Markdown.</summary>
    public static string Render(IReadOnlyList<Requirement> rules, IEnumerable<Citation> citations)
    {
        var tests = citations.ToLookup(citation => citation.Number, citation => citation.Test);
        var text = new StringBuilder();
        text.Append("# Requirements\n\n")
            .Append("What the project holds to, and the tests that show it. [S] is stated in the discussion that a rule comes from, [D] follows from it, [K] is what Linux 7.2 does.\n")
            .Append("Written by the architecture tests from `tests/Vmm.Architecture.Tests/Data/requirements.txt` and the `Requirement` traits of the tests; CONTRIBUTING.md says how.\n\n")
            .Append($"{rules.Count(rule => tests.Contains(rule.Number))} of {rules.Count} rules have a test that cites them.\n");
        foreach (var section in rules.GroupBy(rule => rule.Section))
        {
            text.Append($"\n## {section.Key}\n\n| rule | says | tests |\n|---|---|---|\n");
            foreach (var rule in section)
            {
                var cited = tests[rule.Number].Distinct().Order(StringComparer.Ordinal).Select(test => $"`{test}`");
                text.Append($"| {rule.Number} | {rule.Text.Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join("<br>", cited)} |\n");
            }
        }

        return text.ToString();
    }

    private static string? Literal(AttributeArgumentSyntax argument) => (argument.Expression as LiteralExpressionSyntax)?.Token.ValueText;

    [GeneratedRegex(@"^(?<number>R[0-9X]\.\d+) (?<text>\[[SDK]\] .+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rule();
}
