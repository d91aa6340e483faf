using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class CommentTests
{
    private static readonly string[] Text =
        ["*.cs", "*.csproj", "*.props", "*.targets", "*.json", "*.md", "*.yaml", "*.yml", "*.txt", "*.sh", "*.sln", "*.service", "*.rules", "*.conf", "run", ".editorconfig", ".gitignore", "LICENSE"];

    [Fact]
    public void Comments_tell_no_history_and_no_plans() => Violation.AssertNone(Repository.Sources.SelectMany(CommentRule.CheckComments));

    [Fact]
    public void No_file_names_a_machine_or_a_feed() =>
        Violation.AssertNone(Text.SelectMany(Repository.Files).Distinct().SelectMany(path => CommentRule.CheckPlaces(path, Repository.Read(path))));

    [Theory]
    [InlineData("// TO" + "DO: later", 1)]
    [InlineData("/// <summary>FIX" + "ME</summary>\nclass X;", 1)]
    [InlineData("/* see issue" + " #12 */", 1)]
    [InlineData("class X { // comes in Phase" + " 2\n}", 1)]
    [InlineData("// A phase of the moon, an issue of errno 5", 0)]
    [InlineData("class X { string S = \"TO" + "DO\"; }", 0)]
    public void History_in_a_comment_is_found(string text, int violations) =>
        Assert.Equal(violations, CommentRule.CheckComments(new("src/Vmm.Iommu/X.cs", text)).Count());

    [Fact]
    public void The_line_of_a_comment_is_named() =>
        Assert.Equal(3, Assert.Single(CommentRule.CheckComments(new("x.cs", "class X;\n/* one\n HA" + "CK two */"))).Line);

    [Theory]
    [InlineData("source: https://api.nu" + "get.org/v3", 1)]
    [InlineData("cd /home" + "/me/vmm", 1)]
    [InlineData("\"C:\\Users" + "\\me\"", 1)]
    [InlineData("/dev/vfio/vfio and /sys/kernel/iommu_groups", 0)]
    [InlineData("docs/work" + "/x", 0)]
    public void A_workplace_or_a_feed_is_found(string text, int violations) =>
        Assert.Equal(violations, CommentRule.CheckPlaces("README.md", text).Count());
}
