using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class ProjectTests
{
    private static IEnumerable<string> Projects(string folder) =>
        Repository.Files("*.csproj").Where(path => path.StartsWith(folder, StringComparison.Ordinal));

    [Fact]
    public void Projects_reference_what_the_arrows_allow() =>
        Violation.AssertNone(Projects("src/").SelectMany(path => ProjectRule.Check(path, Repository.Read(path))));

    [Fact]
    public void Unsafe_blocks_are_on_where_they_may_be() =>
        Violation.AssertNone(Repository.Files("*.csproj").Concat(Repository.Files("*.props")).Concat(Repository.Files("*.targets"))
            .SelectMany(path => ProjectRule.CheckUnsafe(path, Repository.Read(path))));

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = Repository.Read("Vmm.sln").Replace('\\', '/');
        Violation.AssertNone(Repository.Files("*.csproj")
            .Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            .Select(path => new Violation(path, 0, "not in Vmm.sln: dotnet sln add it, or nothing builds it")));
    }

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Violation.AssertNone(Repository.Files("*.csproj")
            .Where(path => !Repository.Has(Path.GetDirectoryName(path) + "/packages.lock.json"))
            .Select(path => new Violation(path, 0, "no packages.lock.json beside it: dotnet restore writes it; commit it")));

    [Theory]
    [InlineData("Vmm.Iommu", "<ProjectReference Include=\"../Vmm.Actors/Vmm.Actors.csproj\" />")]
    [InlineData("Vmm.Iommu", "<AkkaReference Include=\"Akka\" />")]
    [InlineData("Vmm.Actors", "<PackageReference Include=\"Microsoft.Extensions.Hosting\" />")]
    [InlineData("Vmm.Testing", "<ProjectReference Include=\"../Vmm.Hosting/Vmm.Hosting.csproj\" />")]
    [InlineData("Vmm.Hosting", "<ProjectReference Include=\"../Vmm.Testing/Vmm.Testing.csproj\" />")]
    [InlineData("Vmm.Testing", "<PackageReference Include=\"xunit\" />")]
    public void An_arrow_that_the_house_does_not_have_is_found(string project, string reference) =>
        Assert.Single(ProjectRule.Check($"src/{project}/{project}.csproj", $"<Project><ItemGroup>{reference}</ItemGroup></Project>"));

    [Fact]
    public void A_project_that_the_house_does_not_know_is_found() =>
        Assert.Single(ProjectRule.Check("src/Vmm.More/Vmm.More.csproj", "<Project />"));

    [Fact]
    public void An_arrow_of_the_house_is_let_through() =>
        Assert.Empty(ProjectRule.Check(
            "src/Vmm.Actors/Vmm.Actors.csproj",
            "<Project><ItemGroup><AkkaReference Include=\"Akka\" /><ProjectReference Include=\"../Vmm.Iommu/Vmm.Iommu.csproj\" /></ItemGroup></Project>"));

    [Theory]
    [InlineData("src/Vmm.Actors/Vmm.Actors.csproj", 1)]
    [InlineData("tests/Vmm.Iommu.Tests/Vmm.Iommu.Tests.csproj", 1)]
    [InlineData("Directory.Build.props", 1)]
    [InlineData("src/Vmm.Iommu/Vmm.Iommu.csproj", 0)]
    public void Unsafe_blocks_elsewhere_are_found(string path, int violations) =>
        Assert.Equal(violations, ProjectRule.CheckUnsafe(path, "<Project><PropertyGroup><AllowUnsafeBlocks>true</AllowUnsafeBlocks></PropertyGroup></Project>").Count());
}
