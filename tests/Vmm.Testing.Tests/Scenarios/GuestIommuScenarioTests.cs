namespace Vmm.Testing.Tests.Scenarios;

/// <summary>A vIOMMU in further orders than every scenario runs in: where a map falls between the steps of a commit is what it is about.</summary>
public sealed class GuestIommuScenarioTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(9, 24)];

    [Theory, MemberData(nameof(Seeds))]
    [Trait("Requirement", "R0.9")]
    public void Translation_goes_off_while_another_vCPU_maps(int seed)
    {
        var result = ShippedFiles.Scenario("viommu.yaml").Run(seed);
        Assert.True(result.Passed, result.ToString());
    }
}
