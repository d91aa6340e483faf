using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>Rules of a space, attaches that are kept on conditions, and what is expected of logs, decisions and the host.</summary>
public sealed class SpaceRuleStepTests
{
    private const string Nic = "0000:01:00.0";
    private const string Disk = "0000:02:00.0";
    private static readonly IovaRange Hole = IovaRange.FromBounds(0x40_0000, 0x40_0fff);
    private static readonly IovaRange High = IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff);
    private static readonly IovaRange Everything = IovaRange.FromBounds(0, 0xffff_ffff_ffff);

    private static readonly HotplugScenario Small = new("small")
    {
        Host = new HostScript
        {
            Devices =
            [
                new DeviceScript(Nic, Group: 5) { Driver = "vfio-pci" },
                new DeviceScript(Disk, Group: 6) { Driver = "vfio-pci", Reserved = [new RegionScript(ReservedRegionKind.Reserved, High)] },
                new DeviceScript("0000:03:00.0", Group: 7) { Driver = "nvme" },
                new DeviceScript("0000:02:00.1", Group: 6) { Driver = "e1000e", Bars = [0x1000] },
            ],
            Drivers = new Dictionary<string, string>(StringComparer.Ordinal) { ["0000:02:00.1"] = "" },
        },
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, 0xff_ffff), SectionKind.Ram, "ram")] })],
    };

    public static TheoryData<string, StepExpectation> WrongExpectations => new()
    {
        { "log", new StepExpectation { Log = [] } },
        { "log", new StepExpectation { Log = ["Warning: "] } },
        { "decision", new StepExpectation { Decision = ["in container 2"] } },
        { "pending", new StepExpectation { Pending = ["ram"] } },
        { "events", new StepExpectation { Events = ["windows of memory: DeviceDetached"] } },
        { "topology.5.regions", Group(new GroupExpectation(5) { Regions = ["msi"] }) },
        { "topology.6.regions", Group(new GroupExpectation(6) { Regions = [] }) },
        { "topology.5.unknown", Group(new GroupExpectation(5) { Unknown = "cannot be read" }) },
        { "topology.5.devices", Group(new GroupExpectation(5) { Devices = [$"{Nic} on pci, driver none"] }) },
        { "topology.5.viable", Group(new GroupExpectation(5) { IsViable = false }) },
        { "topology.7.viable", Group(new GroupExpectation(7) { IsViable = true }) },
        { "topology.6.hazards", Group(new GroupExpectation(6) { Hazards = [] }) },
        { "events", new StepExpectation { Events = [] } },
        { "topology.9", Group(new GroupExpectation(9)) },
    };

    [Fact]
    public void Right_expectations_of_an_attach_are_met()
    {
        var expect = new StepExpectation
        {
            Log = ["Info: 0000:01:00.0 of group 5 is attached"],
            Decision = [Nic, "in a new container 1"],
            Pending = [],
            Events = [$"windows of memory: DeviceAttached {Nic}, now 0x0-0xffffffffffff, container 1 generation "],
            Topology =
            [
                new GroupExpectation(5) { Regions = [], Unknown = "", Devices = [$"{Nic} on pci, driver vfio-pci"], IsViable = true, Hazards = [] },
                new GroupExpectation(6) { Regions = [$"{High} reserved of group 6 from "], Hazards = ["0000:02:00.1 0x"] },
            ],
        };
        Passes(Small, new ScenarioStep.Attach(Nic) { Expect = expect });
    }

    [Theory, MemberData(nameof(WrongExpectations))]
    public void A_wrong_expectation_is_named(string key, StepExpectation expect) =>
        Assert.Equal(key, Assert.Single((Small with { Steps = [new ScenarioStep.Attach(Nic) { Expect = expect }] }).Run().Mismatches).Key);

    public static TheoryData<string, PlanExpectation> WrongPlans => new()
    {
        { "plan.conflicts", new PlanExpectation { Conflicts = ["ram"] } },
        { "plan.costs", new PlanExpectation { Costs = ["ram at 0x0-0xffffff: largest page 4 KiB"] } },
        { "plan.hole_costs", new PlanExpectation { HoleCosts = [] } },
        { "plan.entries.needed", new PlanExpectation { EntriesNeeded = 3 } },
        { "plan.entries.left", new PlanExpectation { EntriesLeft = 65535 } },
        { "plan.layout", new PlanExpectation { Layout = ["ram from"] } },
    };

    [Fact]
    [Trait("Requirement", "R1.4")]
    public void A_plan_tells_what_it_rests_on_and_costs() => Passes(Carved, Planned(new PlanExpectation
    {
        Conflicts = [],
        Costs = ["ram at 0x0-0xffffff: largest page 2 MiB -> 2 MiB, entries 8 -> 518"],
        HoleCosts = [$"{Hole} in ram: 2 MiB page -> 4 KiB, +510 entries"],
        EntriesNeeded = 99,
        EntriesLeft = 65436,
        Layout = [],
    }));

    [Theory, MemberData(nameof(WrongPlans))]
    public void A_wrong_expectation_of_a_plan_is_named(string key, PlanExpectation expect) =>
        Assert.Equal(key, Assert.Single((Carved with { Steps = [Planned(expect)] }).Run().Mismatches).Key);

    [Fact]
    [Trait("Requirement", "R1.13")]
    public void What_is_wrong_in_sysfs_is_expected_or_named()
    {
        var broken = Small with { Host = Small.Host with { Links = new Dictionary<string, string>(StringComparer.Ordinal) { ["bus/pci/devices/0000:00:1e.0"] = "gone" } } };
        Passes(broken, new ScenarioStep.Attach(Nic) { Expect = new StepExpectation { Problems = ["bus/pci/devices/0000:00:1e.0: the link leads nowhere"] } });
        var result = (broken with { Steps = [new ScenarioStep.Attach(Nic) { Expect = new StepExpectation { Problems = [] } }] }).Run();
        Assert.Equal("problems", Assert.Single(result.Mismatches).Key);
    }

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Holes_of_a_space_are_there_before_its_first_view_and_change_with_its_rules()
    {
        var carved = new StepExpectation { Mapped = ["0x0-0x3fffff rw", "0x401000-0xffffff rw"], Skipped = [$"{Hole} ram"] };
        Passes(
            Small with { Spaces = [Small.Spaces[0] with { Holes = [Hole] }] },
            new ScenarioStep.Attach(Nic) { Expect = carved },
            new ScenarioStep.Rules(rules => rules with { Holes = [] }, "no holes") { Expect = new StepExpectation { Mapped = ["0x0-0xffffff rw"], Windows = [Everything] } },
            new ScenarioStep.Rules(rules => rules with { Holes = [Hole] }, "a hole") { Expect = new StepExpectation { Outcome = StepOutcome.Refused, Reason = RefusalReason.Conflict } });
    }

    [Fact]
    [Trait("Requirement", "R0.8")]
    public void An_attach_is_kept_when_its_condition_holds_and_taken_back_when_not()
    {
        var kept = new StepExpectation { Outcome = StepOutcome.Attached };
        var takenBack = new StepExpectation { Outcome = StepOutcome.Refused, Reason = RefusalReason.NotKept, Containers = 1, Windows = [Everything] };
        ScenarioStep Second(KeepScript keep, StepExpectation expect) => new ScenarioStep.Attach(Disk) { KeepIf = keep, Expect = expect };
        Passes(
            Small,
            new ScenarioStep.Attach(Nic) { KeepIf = new KeepScript { IsNewContainer = true, Skipped = 0, Windows = [Everything] }, Expect = kept },
            Second(new KeepScript { Windows = [Everything] }, takenBack),
            Second(new KeepScript { IsNewContainer = true }, takenBack),
            Second(new KeepScript { Skipped = 1 }, takenBack),
            Second(new KeepScript { IsNewContainer = false, Skipped = 0 }, kept));
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void What_the_guest_was_told_is_kept_unless_an_attach_may_break_it()
    {
        Passes(
            Small,
            new ScenarioStep.Attach(Nic),
            new ScenarioStep.Rules(rules => rules with { ToldWindows = new ValidIovaRanges([Everything]) }, "all is told"),
            new ScenarioStep.Attach(Disk) { Expect = new StepExpectation { Outcome = StepOutcome.Refused, Reason = RefusalReason.Policy, Words = ["the guest was told"] } },
            new ScenarioStep.Attach(Disk) { Policy = new() { AllowSecondContainer = true, MayBreakToldWindows = true } });
    }

    private static HotplugScenario Carved => Small with { Spaces = [Small.Spaces[0] with { Holes = [Hole] }] };

    private static ScenarioStep.Plan Planned(PlanExpectation expect) => new(Nic) { Expect = new StepExpectation { Plan = expect } };

    private static StepExpectation Group(GroupExpectation group) => new() { Topology = [group] };

    private static void Passes(HotplugScenario scenario, params ScenarioStep[] steps)
    {
        var result = (scenario with { Steps = steps }).Run();
        Assert.True(result.Passed, result.ToString());
    }
}
