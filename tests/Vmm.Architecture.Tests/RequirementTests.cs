using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class RequirementTests
{
    private const string Document = "docs/requirements.md";
    private const string Rules = "# A\n\nR0.1 [S] One.\nR0.2 [D] Two | half.\n\n# B\n\nRX.1 [K] Three.\n";

    private static IReadOnlyList<RequirementsDocument.Requirement> Ours =>
        RequirementsDocument.Parse(Repository.Read("tests/Vmm.Architecture.Tests/Data/requirements.txt"));

    private static IEnumerable<RequirementsDocument.Citation> Citations => Repository.Tests.SelectMany(RequirementsDocument.Citations);

    [Fact]
    public void The_document_shows_the_rules_and_the_tests_that_cite_them() =>
        GeneratedFile.AssertCurrent(Document, RequirementsDocument.Render(Ours, Citations));

    [Fact]
    public void Tests_cite_rules_that_exist() => Violation.AssertNone(RequirementsDocument.Unknown(Ours, Citations));

    [Fact]
    public void A_complete_rule_has_a_test_and_a_shipped_scenario() => Violation.AssertNone(ScenarioRule.Check(
        Ours,
        Citations.Select(citation => citation.Number).ToHashSet(StringComparer.Ordinal),
        [.. Repository.Files("*.yaml").Where(path => path.StartsWith("configs/scenarios/", StringComparison.Ordinal)).SelectMany(path => ScenarioRule.NamedBy(path, Repository.Read(path)))]));

    [Theory]
    [InlineData("R0.1 R1.1", "R0.1 R1.1", "")]
    [InlineData("R0.1", "R0.1 R1.1", "no test cites R1.1")]
    [InlineData("R0.1 R1.1", "R0.1", "no scenario shows R1.1")]
    [InlineData("R0.1 R1.1", "R0.1 R1.1 R1.9", "configs/scenarios/x.yaml:3: no rule has the number R1.9")]
    public void A_complete_rule_that_nothing_shows_is_named(string cited, string named, string expected)
    {
        var rules = RequirementsDocument.Parse("R0.1 [S] One.\nR1.1 [S] Two.\nR0.12 [S] Not complete yet.\nR3.1 [S] Nor this.\n");
        var scenario = $"name: x\nabout: y\nrequirements: [{named.Replace(" ", ", ", StringComparison.Ordinal)}]\n";

        var found = ScenarioRule.Check(rules, cited.Split(' ').ToHashSet(StringComparer.Ordinal), [.. ScenarioRule.NamedBy("configs/scenarios/x.yaml", scenario)]).ToList();

        Assert.Equal(expected.Length == 0 ? 0 : 1, found.Count);
        Assert.All(found, violation => Assert.Contains(expected, violation.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_has_section_number_and_text() =>
        Assert.Equal(
            [new("A", "R0.1", "[S] One."), new("A", "R0.2", "[D] Two | half."), new("B", "RX.1", "[K] Three.")],
            RequirementsDocument.Parse(Rules));

    [Theory]
    [InlineData("R0.1 [S] One.\nR0.1 [S] Again.", "requirements.txt:2: R0.1")]
    [InlineData("# A\nsome words", "requirements.txt:2: 'some words'")]
    [InlineData("R0.1 no mark", "requirements.txt:1: 'R0.1 no mark'")]
    public void A_line_that_is_no_rule_is_named(string text, string start) =>
        Assert.StartsWith(start, Assert.Throws<FormatException>(() => RequirementsDocument.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Citations_are_read_from_methods_and_classes()
    {
        var file = new SourceFile("tests/X/XTests.cs", """
            [Trait("Requirement", "R0.2")]
            class XTests
            {
                [Fact]
                [Trait("Requirement", "R0.1"), Trait("Requirement", "R9.9")]
                [Trait("Category", "slow")]
                void A_is_b() { }
            }
            """);
        var citations = RequirementsDocument.Citations(file).ToList();
        Assert.Equal([("R0.2", "XTests.*"), ("R0.1", "XTests.A_is_b"), ("R9.9", "XTests.A_is_b")], citations.Select(c => (c.Number, c.Test)));
        Assert.Equal("tests/X/XTests.cs:5", Assert.Single(RequirementsDocument.Unknown(RequirementsDocument.Parse(Rules), citations)) is var v ? $"{v.Path}:{v.Line}" : "");
    }

    [Fact]
    public void The_document_counts_and_lists()
    {
        var text = RequirementsDocument.Render(
            RequirementsDocument.Parse(Rules),
            [new("R0.1", "YTests.B", new("", 0, "")), new("R0.1", "XTests.A", new("", 0, "")), new("R0.1", "XTests.A", new("", 0, ""))]);
        Assert.Contains("1 of 3 rules", text, StringComparison.Ordinal);
        Assert.Contains("| R0.1 | [S] One. | `XTests.A`<br>`YTests.B` |\n", text, StringComparison.Ordinal);
        Assert.Contains("| R0.2 | [D] Two \\| half. |  |\n", text, StringComparison.Ordinal);
    }
}
