using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

public sealed class HotplugScenarioTests
{
    private const string Nic = "0000:01:00.0";

    private static readonly HotplugScenario Small = new("small")
    {
        Host = new HostScript
        {
            Devices = [new DeviceScript(Nic, Group: 5) { Driver = "vfio-pci", Bars = [0x1_0000] }, new DeviceScript("0000:02:00.0", Group: 6) { Driver = "vfio-pci" }],
            Reserved = new Dictionary<int, IReadOnlyList<RegionScript>>
            {
                [5] = [new RegionScript(ReservedRegionKind.Msi, IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff))],
            },
        },
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, 0xff_ffff), SectionKind.Ram, "ram")] })],
    };

    private static readonly ScenarioStep[] Story =
    [
        new ScenarioStep.Attach(Nic),
        new ScenarioStep.Commit([new ViewEdit.Shadow(IovaRange.FromBounds(0xc_0000, 0xc_ffff), ReadOnly: true)]),
        new ScenarioStep.Commit([new ViewEdit.Add([new SectionScript(IovaRange.FromBounds(0xe000_0000, 0xe000_ffff), SectionKind.RamDevice, "BAR 0") { Bar = $"{Nic}/0" }])]),
        new ScenarioStep.Attach("0000:02:00.0"),
        new ScenarioStep.Concurrently([new ScenarioStep.Detach(Nic), new ScenarioStep.Attach(Nic), new ScenarioStep.Commit([new ViewEdit.Remove(IovaRange.FromBounds(0x80_0000, 0xff_ffff))])]),
        new ScenarioStep.Detach("0000:02:00.0"),
    ];

    [Fact]
    public void A_scenario_written_in_code_runs_without_a_test_framework()
    {
        var scenario = Small with
        {
            Steps =
            [
                new ScenarioStep.Attach(Nic) { Expect = new StepExpectation { Outcome = StepOutcome.Attached, Container = 1, Mapped = ["0x0-0xffffff rw"] } },
                new ScenarioStep.DmaWrite(Nic, 0x1000, "hi"u8.ToArray()) { Expect = new StepExpectation { Bytes = "hi"u8.ToArray() } },
                new ScenarioStep.GuestRead(0x1000, 2) { Expect = new StepExpectation { Bytes = "hi"u8.ToArray() } },
            ],
        };

        var result = scenario.Run();

        Assert.True(result.Passed, result.ToString());
        Assert.Equal("nothing", result.End.Left);
    }

    [Fact]
    public void A_failed_expectation_ends_the_run_and_shows_both_sides()
    {
        var scenario = Small with
        {
            Steps =
            [
                new ScenarioStep.Attach(Nic) { Expect = new StepExpectation { Outcome = StepOutcome.Refused, Windows = [IovaRange.FromBounds(0, 1)], Mapped = [] } },
                new ScenarioStep.Detach(Nic),
            ],
        };

        var result = scenario.Run();

        Assert.False(result.Passed);
        Assert.Single(result.Steps);
        Assert.Equal(["outcome", "windows", "mapped"], result.Mismatches.Select(mismatch => mismatch.Key));
        Assert.Equal(["0x0-0xffffff rw"], result.Mismatches[2].Found);
        Assert.Equal("nothing", result.End.Left);
    }

    [Fact]
    public void A_fault_that_nobody_expects_fails_the_scenario()
    {
        var scenario = Small with { Steps = [new ScenarioStep.EndActor("/user/vmm/address-space-memory", ActorEnd.Fault), new ScenarioStep.Attach(Nic)] };
        Assert.Contains(scenario.Run().Mismatches, mismatch => mismatch.Key == "outcome");
    }

    [Fact]
    public void What_is_left_fails_a_scenario_that_does_not_say_so()
    {
        var expectsLeases = Small with { Steps = [new ScenarioStep.Attach(Nic)], End = new EndExpectation { Leases = 3 } };
        Assert.Equal("expect_end.leases", Assert.Single(expectsLeases.Run().Mismatches).Key);
    }

    [Fact]
    public void The_same_seed_tells_the_same_story()
    {
        var scenario = Small with { Steps = Story };
        foreach (var seed in Enumerable.Range(1, 10))
        {
            Assert.Equal(Told(scenario.Run(seed)), Told(scenario.Run(seed)));
        }
    }

    [Fact]
    public void Different_seeds_reach_different_orders()
    {
        var scenario = Small with { Steps = [new ScenarioStep.Attach("0000:02:00.0"), new ScenarioStep.Abandon(Nic, 12)] };
        Assert.True(Enumerable.Range(1, 30).Select(seed => Told(scenario.Run(seed))).Distinct(StringComparer.Ordinal).Count() > 1);
    }

    [Theory]
    [Trait("Requirement", "R0.8")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_attach_can_be_taken_back_at_any_turn(int seed)
    {
        for (var after = 0; after < 40; after++)
        {
            var result = (Small with { Steps = [new ScenarioStep.Abandon(Nic, after), new ScenarioStep.Attach("0000:02:00.0") { Expect = new StepExpectation { Outcome = StepOutcome.Attached } }] }).Run(seed);
            Assert.True(result.Passed, $"after {after}: {result}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_call_may_fail_and_nothing_is_left(bool afterEffect)
    {
        var loosely = Story.Select(TourCrashTests.Loosely);
        for (var nth = 1; nth <= 60; nth++)
        {
            var result = (Small with { Steps = [new ScenarioStep.Fail(null, nth, Errno.ENOMEM, afterEffect), .. loosely], End = new EndExpectation() }).Run(seed: nth);
            Assert.True(result.Passed, $"call {nth}: {result}");
        }
    }

    [Fact]
    public void A_step_that_cannot_be_carried_out_as_written_names_what_is_right()
    {
        var overlapping = Small with { Steps = [new ScenarioStep.Commit([new ViewEdit.Add([new SectionScript(IovaRange.FromBounds(0, 0xfff), SectionKind.Ram, "more")])]) { Place = "s.yaml:7:5" }] };
        var message = Assert.Throws<ScenarioFormatException>(() => overlapping.Run()).Message;
        Assert.StartsWith("s.yaml:7:5", message, StringComparison.Ordinal);
        Assert.Contains("more at 0x0-0xfff overlaps ram", message, StringComparison.Ordinal);
    }

    private static string Told(ScenarioResult result) =>
        string.Join('\n', result.Steps.Select(step => $"{step}\n{string.Join('\n', step.Calls)}"));
}
