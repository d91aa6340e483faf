using System.Xml.Linq;
using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class AnalyzerTests
{
    private static string EditorConfig => Repository.Read(".editorconfig");

    [Fact]
    public void No_file_turns_a_warning_off() => Violation.AssertNone(Repository.Sources.SelectMany(AnalyzerRule.CheckSource));

    [Fact]
    public void No_project_turns_a_warning_off() =>
        Violation.AssertNone(new[] { "*.csproj", "*.props", "*.targets" }.SelectMany(Repository.Files).SelectMany(path => AnalyzerRule.CheckProject(path, Repository.Read(path))));

    [Fact]
    public void A_rule_that_is_off_has_its_reason() => Violation.AssertNone(AnalyzerRule.CheckEditorConfig(".editorconfig", EditorConfig));

    [Fact]
    public void Banned_symbols_exist() => Violation.AssertNone(AnalyzerRule.CheckBanned("BannedSymbols.txt", Repository.Read("BannedSymbols.txt")));

    [Theory]
    [InlineData("System.Threading.Thread.Sleep(")]
    [InlineData("System.DateTime.UtcNow")]
    [InlineData("System.Threading.Tasks.Task.Delay(")]
    [InlineData("System.Threading.Tasks.Task.Wait;")]
    [InlineData("System.Threading.Tasks.Task`1.Result")]
    public void Sleeping_waiting_and_the_wall_clock_are_banned(string symbol) =>
        Assert.Contains(symbol, Repository.Read("BannedSymbols.txt"), StringComparison.Ordinal);

    [Fact]
    public void Long_methods_are_errors()
    {
        Assert.Contains("dotnet_diagnostic.MA0051.severity = warning\nMA0051.maximum_lines_per_method = 60\n", EditorConfig, StringComparison.Ordinal);
        Assert.Equal("true", Property("TreatWarningsAsErrors"));
    }

    [Fact]
    public void Every_project_has_the_analyzers()
    {
        var packages = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("GlobalPackageReference").Select(e => e.Attribute("Include")!.Value);
        Assert.Equal(["Meziantou.Analyzer", "Microsoft.CodeAnalysis.BannedApiAnalyzers"], packages.Order(StringComparer.Ordinal));
        Assert.Equal("latest-recommended", Property("AnalysisLevel"));
        Assert.Contains("BannedSymbols.txt", Repository.Read("Directory.Build.targets"), StringComparison.Ordinal);
        Assert.DoesNotContain("RS0030", EditorConfig, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#pragma warning disable CA1000\nclass X;")]
    [InlineData("[System.Diagnostics.CodeAnalysis.SuppressMessage(\"a\", \"b\")] class X;")]
    public void A_warning_turned_off_in_a_file_is_found(string text) => Assert.Single(AnalyzerRule.CheckSource(new("src/Vmm.Iommu/X.cs", text)));

    [Theory]
    [InlineData("<NoWarn>$(NoWarn);CA1000</NoWarn>", 1)]
    [InlineData("<TreatWarningsAsErrors>false</TreatWarningsAsErrors>", 1)]
    [InlineData("<NoWarn>$(NoWarn);CS1591</NoWarn>", 0)]
    public void A_warning_turned_off_in_a_project_is_found(string property, int violations) =>
        Assert.Equal(violations, AnalyzerRule.CheckProject("x.csproj", $"<Project><PropertyGroup>{property}</PropertyGroup></Project>").Count());

    [Theory]
    [InlineData("dotnet_diagnostic.CA1.severity = none", 1)]
    [InlineData("# Why.\n\ndotnet_diagnostic.CA1.severity = none", 1)]
    [InlineData("# Why.\ndotnet_diagnostic.CA1.severity = none\ndotnet_diagnostic.CA2.severity = none", 0)]
    public void A_rule_that_is_off_without_a_reason_is_found(string text, int violations) =>
        Assert.Equal(violations, AnalyzerRule.CheckEditorConfig(".editorconfig", text).Count());

    [Theory]
    [InlineData("M:System.GC.Collects;Do not", 1)]
    [InlineData("M:System.GC.Collect", 1)]
    [InlineData("M:System.GC.Collect;Do not", 0)]
    public void A_ban_of_nothing_is_found(string text, int violations) => Assert.Equal(violations, AnalyzerRule.CheckBanned("x", text).Count());

    private static string Property(string name) =>
        XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants(name).Single().Value;
}
