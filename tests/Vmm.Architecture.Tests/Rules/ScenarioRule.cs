using System.Text.RegularExpressions;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>Rules that are carried out as a whole: each has a test that cites it and a shipped scenario that names it.</summary>
internal static partial class ScenarioRule
{
    private const string List = "tests/Vmm.Architecture.Tests/Data/requirements.txt";

    /// <summary>True for the rules that are complete on the emulated kernel: R0.1 to R0.11, all of R1 and R2.</summary>
    public static bool IsComplete(string number) =>
        number.Split('.') is [var part, var count] && (part is "R1" or "R2" || (part == "R0" && int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) <= 11));

    /// <summary>The numbers that a scenario names, from its line <c>requirements: [R0.4, R0.5]</c>; the format's own tests hold it to that form.</summary>
    /// <param name="path">The scenario.</param>
    /// <param name="text">What it holds.</param>
    public static IEnumerable<(string Number, Violation Place)> NamedBy(string path, string text)
    {
        foreach (var (line, index) in text.Split('\n').Select((line, index) => (line, index + 1)))
        {
            if (Names().Match(line) is { Success: true } match)
            {
                foreach (var number in match.Groups["numbers"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    yield return (number, new Violation(path, index, number));
                }
            }
        }
    }

    /// <summary>Complete rules without a test or without a scenario, and scenarios that name what is no rule.</summary>
    /// <param name="rules">Every rule.</param>
    /// <param name="cited">Numbers that tests cite.</param>
    /// <param name="named">Numbers that scenarios name.</param>
    public static IEnumerable<Violation> Check(
        IReadOnlyList<RequirementsDocument.Requirement> rules, IReadOnlySet<string> cited, IReadOnlyCollection<(string Number, Violation Place)> named)
    {
        var shown = named.Select(name => name.Number).ToHashSet(StringComparer.Ordinal);
        var complete = rules.Select(rule => rule.Number).Where(IsComplete).ToList();
        return complete.Where(number => !cited.Contains(number))
            .Select(number => new Violation(List, 0, $"no test cites {number}: write one with [Trait(\"Requirement\", \"{number}\")]"))
            .Concat(complete.Where(number => !shown.Contains(number))
                .Select(number => new Violation(List, 0, $"no scenario shows {number}: name it in the requirements of one below configs/scenarios")))
            .Concat(named.Where(name => rules.All(rule => rule.Number != name.Number))
                .Select(name => name.Place with { Message = $"no rule has the number {name.Number}: name one of {List}" }));
    }

    [GeneratedRegex(@"^requirements: \[(?<numbers>[^\]]*)\]\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();
}
