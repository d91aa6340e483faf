using Vmm.Architecture.Tests.Rules;
using Vmm.Architecture.Tests.Tree;
using Xunit.Abstractions;

namespace Vmm.Architecture.Tests;

public sealed class SizeTests(ITestOutputHelper output)
{
    [Fact]
    public void Files_stay_below_their_limits()
    {
        output.WriteLine($"median of src: {SizeRule.Median(Repository.Sources.Where(file => !file.IsTest))} lines; the house aims at 120");
        Violation.AssertNone(Repository.Sources.SelectMany(SizeRule.CheckFile));
    }

    [Fact]
    public void Methods_of_the_product_stay_below_their_limit() =>
        Violation.AssertNone(Repository.Sources.Where(file => !file.IsTest).SelectMany(SizeRule.CheckMethods));

    [Theory]
    [InlineData("src/Vmm.Iommu/Kernel/VfioCalls.cs", 400)]
    [InlineData("src/Vmm.Iommu/Kernel/VfioUapi.cs", 600)]
    [InlineData("src/Vmm.Actors/Containers/ContainerActor.cs", 250)]
    [InlineData("src/Akka.Embedded/Akka/Actor/ReceiveActor.cs", 400)]
    [InlineData("tests/Vmm.Iommu.Tests/Kernel/VfioUapi.cs", 400)]
    public void A_file_past_its_limit_is_found(string path, int limit)
    {
        Assert.Empty(SizeRule.CheckFile(new(path, Lines(limit))));
        Assert.Single(SizeRule.CheckFile(new(path, Lines(limit + 1))));
    }

    [Theory]
    [InlineData(58, 0)]
    [InlineData(59, 1)]
    public void A_method_past_its_limit_is_found(int statements, int violations) =>
        Assert.Equal(violations, SizeRule.CheckMethods(new("src/Vmm.Iommu/X.cs", "class X\n{\n    void M() {\n" + Lines(statements) + "    }\n}\n")).Count());

    [Fact]
    public void The_median_is_the_middle_one() =>
        Assert.Equal(5, SizeRule.Median(new[] { 1, 90, 5 }.Select(lines => new SourceFile("x.cs", Lines(lines)))));

    private static string Lines(int count) => string.Concat(Enumerable.Repeat(";\n", count));
}
