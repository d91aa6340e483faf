using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class ContinuousIntegrationTests
{
    private const string Mark = "<!-- test command -->";

    [Fact]
    public void The_readme_has_one_test_command_and_it_tests_the_solution()
    {
        var command = Assert.Single(MarkdownRule.BlocksBelow(Repository.Read("README.md"), Mark));
        Assert.Matches("^dotnet test( Vmm\\.sln)?$", command);
    }

    [Fact]
    public void The_server_runs_what_the_readme_says_and_then_the_rest()
    {
        var run = Repository.Read(".ci/run");
        Assert.Contains(Mark, run, StringComparison.Ordinal);
        Assert.Contains("./check.sh --rest", run, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet test", run, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check.sh")]
    [InlineData(".ci/run")]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Scripts_are_strict_and_can_be_run(string path)
    {
        Assert.StartsWith("#!/usr/bin/env bash\n", Repository.Read(path), StringComparison.Ordinal);
        Assert.Contains("\nset -euo pipefail\n", Repository.Read(path), StringComparison.Ordinal);
        Assert.True(File.GetUnixFileMode(Repository.Absolute(path)).HasFlag(UnixFileMode.UserExecute), $"chmod +x {path}");
    }

    [Fact]
    public void Paths_in_the_documents_exist() =>
        Violation.AssertNone(Repository.Files("*.md").SelectMany(path => MarkdownRule.CheckPaths(path, Repository.Read(path), Exists)));

    [Theory]
    [InlineData("see `src/Vmm.Iommu/Gone.cs`", 1)]
    [InlineData("run `dotnet test tests/Gone`", 1)]
    [InlineData("`docs/api/{assembly}.txt`, `configs/*.json`, `src/…`", 0)]
    [InlineData("`src/Vmm.Iommu`", 0)]
    [InlineData("src/Gone without marks, `x.src/Gone`", 0)]
    public void A_path_that_leads_nowhere_is_found(string text, int violations) =>
        Assert.Equal(violations, MarkdownRule.CheckPaths("README.md", text, path => path == "src/Vmm.Iommu").Count());

    [Fact]
    public void Blocks_are_read_from_below_their_mark() =>
        Assert.Equal(["b\nc"], MarkdownRule.BlocksBelow("```\na\n```\n<!-- m -->\n\n```sh\nb\nc\n```\n```\nd\n```\n", "<!-- m -->"));

    private static bool Exists(string path) => Repository.Has(path) || Directory.Exists(Repository.Absolute(path));
}
