using System.Text;
using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;
using Vmm.Testing.Recordings;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>An emulated kernel plays the real machine: names, numbers and drivers are others than the scenario's.</summary>
public sealed class RealMachineTests
{
    private const string Nic = "0000:01:00.0";
    private const string First = "0000:02:00.0";
    private const string Second = "0000:02:00.1";
    private const string Lone = "0000:05:00.0";
    private const string Used = "0000:06:00.0";

    private static readonly IovaRange Msi = IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);
    private static readonly Dictionary<string, string> Nobody = [];

    private static readonly HotplugScenario Small = new("small")
    {
        Host = new HostScript
        {
            Devices =
            [
                new DeviceScript(Nic, Group: 5) { Driver = "vfio-pci" },
                new DeviceScript(First, Group: 6) { Driver = "vfio-pci" },
                new DeviceScript(Second, Group: 6),
            ],
            Reserved = new Dictionary<int, IReadOnlyList<RegionScript>> { [5] = [new(ReservedRegionKind.Msi, Msi)], [6] = [new(ReservedRegionKind.Msi, Msi)] },
        },
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, 0xffff), SectionKind.Ram, "ram")] })],
    };

    public static TheoryData<HotplugScenario, string> Unfit => new()
    {
        { Small with { Host = Small.Host with { Kernel = KernelPersonality.Linux417 }, Steps = [new ScenarioStep.Attach(Nic)] }, "about Linux 4.17" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Add(new DeviceScript("0000:09:00.0", 9) { Driver = "nvme" })])] }, "plugs 0000:09:00.0 into the host" },
        { Small with { Backend = BackendChoice.Iommufd, Host = Small.Host with { EntryLimit = 7 }, Steps = [new ScenarioStep.Attach(Nic)] }, "hold 7 mappings" },
        { Small with { Backend = BackendChoice.Iommufd, Steps = [new ScenarioStep.Fail("VFIO_IOMMU_MAP_DMA", 1, Errno.ENOMEM, AfterEffect: false)] }, "not called by iommufd" },
        { Small with { Backend = BackendChoice.Type1, Steps = [new ScenarioStep.Attach(Nic) { Expect = new() { Calls = ["IOMMU_IOAS_ALLOC"] } }] }, "not called by type1" },
        { Small with { Host = Small.Host with { Devices = [.. Small.Host.Devices, new DeviceScript(Used, Group: null)] }, Steps = [new ScenarioStep.Attach(Used)] }, "is in no group" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Bind(Nic, "e1000e")])] }, $"{Lone} has none that could stand for it" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Bind(Nic, "pci-stub")])] }, "binds the driver pci-stub, which this machine's kernel does not have" },
        { Showing(0x800_0000) with { Steps = [new ScenarioStep.DmaRead(Nic, 0x1000, 4), new ScenarioStep.DmaRead(Nic, 0x400_1000, 4)] }, "0x1000 and 0x4001000" },
        { Small with { Steps = [new ScenarioStep.Attach(Nic) { Expect = new() { Words = ["0000:02:00.1"] } }] }, "speaks of 0000:02:00.1" },
        { Small with { Steps = [new ScenarioStep.Attach(Nic) { Expect = new() { Decision = ["group 6"] } }] }, "speaks of group 6" },
        { Reserving(0x1000_0000), "others reserve 0xfee00000-0xfeefffff msi, not 0x10000000-0x10000fff reserved" },
    };

    [Fact]
    public void Devices_that_are_alike_stand_for_the_scenarios_and_so_do_expectations()
    {
        using var kernel = Machine();
        var scenario = Small with
        {
            Steps =
            [
                new ScenarioStep.Attach(Nic) { Expect = new() { Outcome = StepOutcome.Attached, Container = 1, Decision = [Nic, "group 5"] } },
                new ScenarioStep.Attach(First) { Expect = new() { Container = 1, Topology = [new GroupExpectation(6) { Devices = [First, $"{Second} on pci, driver none"] }] } },
            ],
        };

        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.True(result.Passed, result.ToString());
        Assert.Equal([$"{Nic} is {Lone}", $"{First} is 0000:07:00.0", $"{Second} is 0000:07:00.1"], result.Assigned);
        Assert.Contains($"attach {Lone}", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Drivers_are_afterwards_as_before()
    {
        using var kernel = Machine();
        var result = (Small with { Steps = [new ScenarioStep.Host([new HostChange.Unbind(Nic)]), new ScenarioStep.Attach(First)] }).RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.True(result.Passed, result.ToString());
        Assert.Equal("vfio-pci", kernel.Host.Device(Lone).Driver);
        Assert.Equal("vfio-pci", kernel.Host.Device("0000:07:00.1").Driver);
        Assert.True(kernel.Census().IsEmpty, kernel.Census().ToString());
    }

    [Theory, MemberData(nameof(Unfit))]
    public void What_cannot_run_is_skipped_with_the_reason_and_never_passed(HotplugScenario scenario, string why)
    {
        using var kernel = Machine();
        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.Contains(why, result.Skipped, StringComparison.Ordinal);
        Assert.False(result.Passed);
        Assert.Empty(result.Steps);
        Assert.True(kernel.Census().IsEmpty);
    }

    [Fact]
    public void A_device_that_the_host_uses_is_touched_only_when_a_person_names_it()
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Build(machine => machine.Unit("dmar0").Group(3).Device(Used, "nvme").Msi()));
        var scenario = Small with { Steps = [new ScenarioStep.Attach(Nic)] };

        var left = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));
        Assert.Contains($"{Used} is the host's (nvme)", left.Skipped, StringComparison.Ordinal);
        Assert.Equal("nvme", kernel.Host.Device(Used).Driver);

        var named = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), new Dictionary<string, string> { [Nic] = Used }));
        Assert.True(named.Passed, named.ToString());
        Assert.Equal("nvme", kernel.Host.Device(Used).Driver);
    }

    [Fact]
    public void A_device_that_is_not_there_cannot_be_named()
    {
        using var kernel = Machine();
        var result = (Small with { Steps = [new ScenarioStep.Attach(Nic)] }).RunOn(new RealMachine(kernel.ToHostKernel(), new Dictionary<string, string> { [Nic] = "0000:7f:00.0" }));
        Assert.Equal("this machine has no device 0000:7f:00.0", result.Skipped);
    }

    [Fact]
    public void Dma_of_a_device_without_a_known_engine_is_skipped_and_the_scenario_goes_on()
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Build(machine =>
            machine.Unit("dmar0").Group(3).Device(new PciDeviceSpec(Lone) { Driver = "vfio-pci", Id = "8086:10D3" }).Msi()));
        var dma = new ScenarioStep.DmaWrite(Nic, 0x1000, new byte[] { 1 }) { Expect = new() { Outcome = StepOutcome.DmaFault, Bytes = new byte[] { 2 } } };

        var result = (Small with { Steps = [new ScenarioStep.Attach(Nic), dma, new ScenarioStep.Detach(Nic)] }).RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.True(result.Passed, result.ToString());
        Assert.Equal(StepOutcome.Skipped, result.Steps[1].Happened.Outcome);
        Assert.Contains($"{Lone} has no DMA engine", result.Steps[1].Happened.Words, StringComparison.Ordinal);
        Assert.Equal(StepOutcome.Detached, result.Steps[2].Happened.Outcome);
    }

    [Fact]
    public void A_group_without_devices_to_choose_from_says_so()
    {
        using var kernel = new EmulatedKernel(EmulatedHost.Build(machine => machine.Unit("dmar0")));
        var result = (Small with { Steps = [new ScenarioStep.Attach(Nic)] }).RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));
        Assert.Equal($"no group of this machine can stand for group 5 with {Nic}: it has no groups", result.Skipped);
    }

    [Fact]
    public void A_machine_that_maps_less_tells_its_own_windows_where_the_scenario_does_nothing()
    {
        using var kernel = Machine();
        kernel.Host.Unit("dmar0").Aperture = IovaRange.FromBounds(0, 0x7f_ffff_ffff);
        IReadOnlyList<IovaRange> windows = [IovaRange.FromBounds(0, 0xfedf_ffff), IovaRange.FromBounds(0xfef0_0000, 0xffff_ffff_ffff)];
        var scenario = Small with
        {
            Steps =
            [
                new ScenarioStep.Attach(Nic) { Expect = new() { Windows = windows, Events = [$"{Nic}, now 0x0-0xfedfffff 0xfef00000-0xffffffffffff"] } },
                new ScenarioStep.Rules(rules => rules with { ToldWindows = new(windows) }, "tell"),
            ],
        };

        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));
        var large = (scenario with { Spaces = [Ram(0x80_0000_0fff)] }).RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.True(result.Passed, result.ToString());
        Assert.Contains("can map 0x0-0xfedfffff 0xfef00000-0x7fffffffff, not 0x0-0xfedfffff 0xfef00000-0xffffffffffff, and ram is at 0x0-0x8000000fff", large.Skipped, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_on_mappings_is_set_and_put_back()
    {
        using var kernel = Machine();
        var scenario = Small with
        {
            Host = Small.Host with { EntryLimit = 1 },
            Steps =
            [
                new ScenarioStep.Attach(Nic),
                new ScenarioStep.Prepare([new ViewEdit.Add([new SectionScript(IovaRange.FromBounds(0x10_0000, 0x10_0fff), SectionKind.Ram, "more")])])
                {
                    Expect = new() { Outcome = StepOutcome.Refused, Words = ["OutOfMappings"] },
                },
            ],
        };

        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody));

        Assert.True(result.Passed, result.ToString());
        Assert.Equal("65535\n", kernel.ReadText("module/vfio_iommu_type1/parameters/dma_entry_limit").Value);
    }

    [Fact]
    public void The_driver_that_a_named_device_has_stands_for_the_one_of_the_scenario()
    {
        using var kernel = Machine();
        var native = new Dictionary<string, string> { [Nic] = Used };
        var scenario = Small with
        {
            Host = new HostScript { Devices = [new DeviceScript(Nic, Group: 5)] },
            Steps = [new ScenarioStep.Host([new HostChange.Bind(Nic, "e1000e")]), new ScenarioStep.Attach(Nic) { Expect = new() { Outcome = StepOutcome.Refused, Words = ["e1000e"] } }],
        };

        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), native));

        Assert.True(result.Passed, result.ToString());
        Assert.Contains($"bind {Used} to nvme", result.ToString(), StringComparison.Ordinal);
        Assert.Equal("nvme", kernel.Host.Device(Used).Driver);
    }

    [Fact]
    public void What_is_recorded_of_a_real_machine_is_replayed_with_the_same_answers()
    {
        using var kernel = Machine();
        using var text = new MemoryStream();
        using var file = new RecordingFile(text, "small.jsonl");
        var nothing = new SectionScript(IovaRange.FromBounds(0x20_0000, 0x20_0fff), SectionKind.Ram, "broken") { Backing = SectionBacking.Nothing };
        var scenario = Small with
        {
            Steps =
            [
                new ScenarioStep.Attach(Nic),
                new ScenarioStep.Prepare([new ViewEdit.Add([nothing])]) { Expect = new() { Outcome = StepOutcome.Refused, Errno = "EFAULT" } },
                new ScenarioStep.Host([new HostChange.Unbind(First)]),
                new ScenarioStep.Detach(Nic),
            ],
        };

        var result = scenario.RunOn(new RealMachine(kernel.ToHostKernel(), Nobody), recording: file);

        Assert.True(result.Passed, result.ToString());
        var replayed = RecordingReplay.Run(Recording.Parse(Encoding.UTF8.GetString(text.ToArray()), "small.jsonl"));
        Assert.True(replayed.Passed, $"{replayed.Difference}");
        Assert.True(replayed.Calls > 10);
    }

    private static SpaceScript Ram(ulong last) =>
        new("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, last), SectionKind.Ram, "ram")] });

    private static EmulatedKernel Machine() => new(EmulatedHost.Build(machine => machine
        .Unit("dmar0")
        .Group(30).Device(Used, "nvme").Msi()
        .Group(31).Device(Lone, "vfio-pci").Msi()
        .Group(32).Device("0000:07:00.0", "vfio-pci").Device("0000:07:00.1", "vfio-pci").Msi()));

    private static HotplugScenario Showing(ulong bytes) => Small with
    {
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromLength(0, bytes), SectionKind.Ram, "ram")] })],
    };

    private static HotplugScenario Reserving(ulong start) => Small with
    {
        Host = Small.Host with
        {
            Reserved = new Dictionary<int, IReadOnlyList<RegionScript>> { [5] = [new(ReservedRegionKind.Reserved, IovaRange.FromBounds(start, start + 0xfff))] },
        },
        Steps = [new ScenarioStep.Attach(Nic)],
    };
}
