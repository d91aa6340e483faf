using System.Globalization;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Decorators;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>Both sides of a hole: the kernel refuses a map over it, and nobody asks it for one.</summary>
public sealed class CarvingTests
{
    private const ulong Page = 0x1000;
    private static readonly IovaRange Low = IovaRange.FromBounds(0x40_0000, 0x40_ffff);
    private static readonly IovaRange Asked = IovaRange.FromBounds(0x80_0000, 0x80_0fff);

    /// <summary>Start and pages of a map, and whether the kernel takes it; the interrupt window is at 0xfee00000-0xfeefffff.</summary>
    public static TheoryData<ulong, ulong, bool> MapsAtTheWindow => new()
    {
        { 0xfedf_0000, 16, true },
        { 0xfedf_0000, 17, false },
        { 0xfee0_0000, 1, false },
        { 0xfee0_0000, 256, false },
        { 0xfeef_f000, 1, false },
        { 0xfeef_f000, 2, false },
        { 0xfedf_f000, 258, false },
        { 0xfef0_0000, 16, true },
    };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory, MemberData(nameof(MapsAtTheWindow))]
    [Trait("Requirement", "R1.2")]
    [Trait("Requirement", "R1.3")]
    public void A_map_that_is_not_carved_is_refused_by_the_kernel_and_leaves_nothing(ulong start, ulong pages, bool isTaken)
    {
        using var rig = new Rig();
        var (container, _) = rig.Ready(1);
        var recording = new RecordingKernel(rig.Kernel.ToHostKernel());
        var memory = new HostAddress(rig.Memory(512 * Page));
        var range = IovaRange.FromBounds(start, start + (pages * Page) - 1);

        var answer = VfioCalls.IommuMapDma(recording, container, range, memory, DmaAccess.Read | DmaAccess.Write);

        Assert.Equal(isTaken ? Errno.None : Errno.EINVAL, answer.Errno);
        Assert.Equal(answer.Errno, Assert.Single(recording.Calls).Errno);
        Assert.Equal((isTaken ? 1 : 0, isTaken ? (long)pages : 0), (rig.Kernel.Census().Mappings.Sum(), (long)rig.Kernel.Census().PinnedPages));
    }

    [Theory, MemberData(nameof(Seeds))]
    [Trait("Requirement", "R1.3")]
    public void Nobody_asks_the_kernel_for_a_map_over_a_hole(int seed)
    {
        var result = Story.Run(seed);

        Assert.True(result.Passed, result.ToString());
        var maps = result.Steps.SkipLast(1).SelectMany(step => step.Calls).Where(call => call.StartsWith("VFIO_IOMMU_MAP_DMA ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(maps);
        Assert.Equal([$"VFIO_IOMMU_MAP_DMA {Asked} rw"], result.Steps[^1].Calls);
        Assert.All(maps, map =>
        {
            Assert.DoesNotContain(" = E", map, StringComparison.Ordinal);
            var range = RangeOf(map);
            Assert.DoesNotContain(new[] { Low, Asked, Rig.MsiWindow }, hole => hole.Overlaps(range));
        });
    }

    /// <summary>Views over every hole: refused where they are prepared, cut or left out where they are committed. In the end what the user asked for is no hole any more.</summary>
    private static HotplugScenario Story => new("holes")
    {
        Host = new HostScript
        {
            Devices = [new DeviceScript("0000:01:00.0", Group: 1) { Driver = "vfio-pci" }, new DeviceScript("0000:02:00.0", Group: 2) { Driver = "vfio-pci" }],
            Reserved = new Dictionary<int, IReadOnlyList<RegionScript>>
            {
                [1] = [new RegionScript(ReservedRegionKind.Msi, Rig.MsiWindow)],
                [2] = [new RegionScript(ReservedRegionKind.Reserved, Low)],
            },
        },
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [Ram(0, 0x3f_efff, "ram")] }) { Holes = [Asked] }],
        Steps =
        [
            new ScenarioStep.Attach("0000:01:00.0"),
            new ScenarioStep.Commit([new ViewEdit.Add([Ram(0x60_0000, 0x9f_ffff, "more")])]),
            new ScenarioStep.Prepare([Over(Rig.MsiWindow)]) { Expect = Refused },
            new ScenarioStep.Commit([Over(Rig.MsiWindow)]) { Expect = new StepExpectation { Holes = ["over"] } },
            new ScenarioStep.Commit([new ViewEdit.Remove(IovaRange.FromBounds(0xfedf_f000, 0xfef0_0fff))]),
            new ScenarioStep.Attach("0000:02:00.0"),
            new ScenarioStep.Prepare([Over(Low)]) { Expect = Refused },
            new ScenarioStep.Commit([Over(Low)]) { Expect = new StepExpectation { Holes = ["over"] } },
            new ScenarioStep.Rules(rules => rules with { Holes = [] }, "no holes"),
        ],
    };

    private static StepExpectation Refused => new() { Outcome = StepOutcome.Refused, CallCounts = new Dictionary<string, int>(StringComparer.Ordinal) { ["VFIO_IOMMU_MAP_DMA"] = 0 } };

    private static ViewEdit.Add Over(IovaRange hole) => new([Ram(hole.Start.Value - Page, hole.Last.Value + Page, "over")]);

    private static SectionScript Ram(ulong start, ulong last, string name) => new(IovaRange.FromBounds(start, last), SectionKind.Ram, name);

    private static IovaRange RangeOf(string call)
    {
        var ends = call.Split(' ')[1].Split('-');
        return IovaRange.FromBounds(Number(ends[0]), Number(ends[1]));
    }

    private static ulong Number(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
