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
