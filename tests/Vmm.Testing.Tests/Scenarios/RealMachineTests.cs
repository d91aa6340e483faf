using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;
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
        { Small with { Host = Small.Host with { EntryLimit = 7 }, Steps = [new ScenarioStep.Attach(Nic)] }, "hold 7 mappings" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Add(new DeviceScript("0000:09:00.0", 9))])] }, "plugs 0000:09:00.0 into the host" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Remove(Nic)])] }, "pulls 0000:01:00.0 out of the host" },
        { Small with { Steps = [new ScenarioStep.Host([new HostChange.Bind(Nic, "e1000e")])] }, "binds the driver e1000e" },
        { Small with { Steps = [new ScenarioStep.DmaRead(Nic, 0x1000, 4), new ScenarioStep.DmaRead(Nic, 0x400_1000, 4)] }, "0x1000 and 0x4001000" },
        { Small with { Steps = [new ScenarioStep.Attach(Nic) { Expect = new() { Words = ["0000:02:00.1"] } }] }, "speaks of 0000:02:00.1" },
        { Small with { Steps = [new ScenarioStep.Attach(Nic) { Expect = new() { Decision = ["group 6"] } }] }, "speaks of group 6" },
        { Reserving(0x1000_0000), "group 31 reserves 0xfee00000-0xfeefffff msi, not 0x10000000-0x10000fff reserved" },
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

    private static EmulatedKernel Machine() => new(EmulatedHost.Build(machine => machine
        .Unit("dmar0")
        .Group(30).Device(Used, "nvme").Msi()
        .Group(31).Device(Lone, "vfio-pci").Msi()
        .Group(32).Device("0000:07:00.0", "vfio-pci").Device("0000:07:00.1", "vfio-pci").Msi()));

    private static HotplugScenario Reserving(ulong start) => Small with
    {
        Host = Small.Host with
        {
            Reserved = new Dictionary<int, IReadOnlyList<RegionScript>> { [5] = [new(ReservedRegionKind.Reserved, IovaRange.FromBounds(start, start + 0xfff))] },
        },
        Steps = [new ScenarioStep.Attach(Nic)],
    };
}
