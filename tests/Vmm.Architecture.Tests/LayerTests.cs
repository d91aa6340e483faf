using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests;

public sealed class LayerTests
{
    [Fact]
    public void Files_of_the_domain_use_lower_layers_and_their_own_folder() =>
        Violation.AssertNone(Repository.Product.Where(file => file.Project == "Vmm.Iommu").SelectMany(LayerRule.Check));

    [Fact]
    public void Namespaces_follow_the_folders() =>
        Violation.AssertNone(Repository.Product.Concat(Repository.Tests).SelectMany(NamespaceRule.Check));

    [Theory]
    [InlineData("Kernel/X.cs", "using Vmm.Iommu.GuestMemory;")]
    [InlineData("Kernel/X.cs", "using static Vmm.Iommu.Planning.AttachPlan;")]
    [InlineData("Kernel/X.cs", "using Plan = Vmm.Iommu.Planning.AttachPlan;")]
    [InlineData("Kernel/X.cs", "global using Vmm.Iommu.HotPath;")]
    [InlineData("Mappings/X.cs", "using Vmm.Iommu.AddressSpaces;")]
    [InlineData("Mappings/X.cs", "class X { Vmm.Iommu.HotPath.Ring _ring; }")]
    [InlineData("Mappings/X.cs", "class X { HotPath.Ring _ring; }")]
    [InlineData("Mappings/X.cs", "class X { int _n = global::Vmm.Iommu.HotPath.Ring.Size; }")]
    [InlineData("Containers/Type1/X.cs", "using Vmm.Iommu.Containers.Iommufd;")]
    [InlineData("Containers/X.cs", "using Vmm.Iommu.Containers.Type1;")]
    [InlineData("Elsewhere/X.cs", "class X;")]
    [InlineData("X.cs", "class X;")]
    public void An_upward_arrow_is_found(string path, string text) =>
        Assert.Single(LayerRule.Check(new("src/Vmm.Iommu/" + path, text)));

    [Theory]
    [InlineData("HotPath/X.cs", "using System; using Vmm.Iommu.Planning; using Vmm.Iommu.Kernel;")]
    [InlineData("Containers/Type1/X.cs", "using Vmm.Iommu.Containers; using Vmm.Iommu.Containers.Type1; using Vmm.Iommu.Mappings;")]
    [InlineData("Containers/Type1/X.cs", "class X { Vmm.Iommu.Containers.IDmaContainer _c; }")]
    [InlineData("Kernel/X.cs", "namespace Vmm.Iommu.Kernel; class X { Results.Errno _e; }")]
    public void Downward_arrows_and_the_own_folder_are_let_through(string path, string text) =>
        Assert.Empty(LayerRule.Check(new("src/Vmm.Iommu/" + path, text)));

    [Theory]
    [InlineData("src/Vmm.Iommu/Kernel/X.cs", "namespace Vmm.Iommu;")]
    [InlineData("src/Vmm.Iommu/Containers/Type1/X.cs", "namespace Vmm.Iommu.Containers { }")]
    [InlineData("tests/Vmm.Iommu.Tests/Kernel/X.cs", "namespace Vmm.Iommu.Kernel;")]
    public void A_namespace_that_is_not_its_folder_is_found(string path, string text) =>
        Assert.Single(NamespaceRule.Check(new(path, text)));

    [Fact]
    public void A_namespace_that_is_its_folder_is_let_through() =>
        Assert.Empty(NamespaceRule.Check(new("src/Vmm.Iommu/Containers/Type1/X.cs", "namespace Vmm.Iommu.Containers.Type1;")));
}
