using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>In mode qemu much is refused later, and in other words; but nothing is lost.</summary>
public sealed class QemuModeTests
{
    public static TheoryData<string> Files => [.. ShippedFiles.Scenarios];

    [Theory, MemberData(nameof(Files))]
    public void Every_shipped_scenario_runs_to_its_end_and_releases_everything(string file)
    {
        var shipped = ShippedFiles.Scenario(file);
        var steps = shipped.Steps.Select(Unexpecting).ToList();
        foreach (var seed in Enumerable.Range(1, 3))
        {
            var result = (shipped with { Mode = MappingPlanMode.Qemu, Steps = steps }).Run(seed);

            Assert.True(result.Passed, result.ToString());
            Assert.Equal(steps.Count, result.Steps.Count);
            Assert.DoesNotContain(result.Steps.SelectMany(step => step.Parts.Prepend(step)), step => step.Happened.Outcome == StepOutcome.Fault);
        }
    }

    [Theory]
    [InlineData(MappingPlanMode.Steady, "pc.ram at 0x0-0xffffffff lies in 0xfee00000-0xfeefffff", 0)]
    [InlineData(MappingPlanMode.Qemu, "vfio 0000:01:00.0: failed to setup container for group 5: memory listener initialization failed: Region pc.ram: vfio_container_dma_map(", 1)]
    public void A_conflict_is_refused_before_the_kernel_is_asked_or_by_the_kernel(MappingPlanMode mode, string words, int maps)
    {
        var scenario = new HotplugScenario("RAM in the MSI window")
        {
            Mode = mode,
            Host = new HostScript
            {
                Devices = [new DeviceScript("0000:01:00.0", 5) { Driver = "vfio-pci" }],
                Reserved = new Dictionary<int, IReadOnlyList<RegionScript>> { [5] = [new RegionScript(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee00000, 0xfeefffff))] },
            },
            Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, 0xffffffff), SectionKind.Ram, "pc.ram")] })],
            Steps = [Unexpecting(new ScenarioStep.Attach("0000:01:00.0"))],
        };

        var result = scenario.Run();

        Assert.True(result.Passed, result.ToString());
        Assert.StartsWith(words, result.Steps[0].Happened.Words, StringComparison.Ordinal);
        Assert.Equal(maps, result.Steps[0].Calls.Count(call => call.Contains("VFIO_IOMMU_MAP_DMA", StringComparison.Ordinal)));
    }

    private static ScenarioStep Unexpecting(ScenarioStep step) => step is ScenarioStep.Concurrently concurrently
        ? concurrently with { Steps = [.. concurrently.Steps.Select(Unexpecting)], Expect = new StepExpectation { AnyOutcome = true } }
        : step with { Expect = new StepExpectation { AnyOutcome = true } };
}
