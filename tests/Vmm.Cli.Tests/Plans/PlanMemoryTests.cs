using Vmm.Cli.Plans;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Cli.Tests.Plans;

public sealed class PlanMemoryTests
{
    private const string Boot = "configs/captures/q35-1g-boot-legacy.json";
    private const string Viommu = "configs/captures/q35-1g-viommu-legacy.json";

    [Fact]
    public void A_capture_shows_its_last_view_unless_a_step_is_chosen()
    {
        var first = PlanMemory.Read(new PlanRequest(Boot, "") { Step = 1 }).View;
        var last = PlanMemory.Read(new PlanRequest(Boot, "")).View;

        Assert.Equal("0x0-0x3fffffff", first.First(section => section.Name == "pc.ram").Range.ToString());
        Assert.Equal("0x0-0xc2fff", last.First(section => section.Name == "pc.ram").Range.ToString());
    }

    [Fact]
    public void Pieces_of_one_region_lie_in_one_block_as_they_did_when_captured()
    {
        var ram = PlanMemory.Read(new PlanRequest(Boot, "")).View.Where(section => section.Name == "pc.ram" && section.Kind == SectionKind.Ram).ToList();

        Assert.InRange(ram.Count, 3, 100);
        Assert.Single(ram.Select(section => section.Block).Distinct());
        Assert.All(ram, section => Assert.Equal(section.OffsetInRegion, section.OffsetInBlock));
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_view_of_every_capture_can_be_planned_for(string capture, string space)
    {
        var view = PlanMemory.Read(new PlanRequest(capture, "") { Space = space }).View;

        Assert.NotEmpty(view);
        Assert.All(view, section => Assert.Equal(section.Kind is SectionKind.Ram or SectionKind.RamDevice, section.Block is not null));
    }

    [Fact]
    public void A_space_or_a_step_that_the_capture_has_not_is_named_with_those_there_are()
    {
        var space = Assert.Throws<CliException>(() => PlanMemory.Read(new PlanRequest(Viommu, "")));
        var step = Assert.Throws<CliException>(() => PlanMemory.Read(new PlanRequest(Viommu, "") { Space = "bus-master 0000:00:06.0", Step = 1 }));

        Assert.Contains("--space memory: configs/captures/q35-1g-viommu-legacy.json shows none; it shows bus-master 0000:00:05.0", space.Message, StringComparison.Ordinal);
        Assert.Matches("^--step 1: .* does not show bus-master 0000:00:06.0 yet; write [0-9]+ or more$", step.Message);
    }

    public static TheoryData<string, string> Captures()
    {
        var all = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles("configs/captures").Order(StringComparer.Ordinal))
        {
            foreach (var space in Testing.Captures.Capture.Load(file).Steps.OfType<Testing.Captures.CaptureStep.View>().Select(view => view.Space).Distinct())
            {
                all.Add(file, space);
            }
        }

        return all;
    }
}
