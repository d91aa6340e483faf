using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Emulation;
using Vmm.Testing.Scenarios;

namespace Vmm.Testing.Tests.Scenarios;

public sealed class HostStepTests
{
    private const string Nic = "0000:01:00.0";

    private static readonly HotplugScenario Small = new("small")
    {
        Host = new HostScript { Devices = [new DeviceScript(Nic, Group: 5) { Driver = "vfio-pci" }, new DeviceScript("0000:01:00.1", Group: 5)] },
        Spaces = [new SpaceScript("memory", new MemoryScript { Sections = [new SectionScript(IovaRange.FromBounds(0, 0xfff), SectionKind.Ram, "ram")] })],
    };

    public static TheoryData<HostChange, string, string> Refusals => new()
    {
        { new HostChange.Remove("0000:09:00.0"), "remove 0000:09:00.0: the host has no device 0000:09:00.0", "ENODEV" },
        { new HostChange.Bind("0000:09:00.0", "vfio-pci"), "bind 0000:09:00.0 to vfio-pci: the host has no device 0000:09:00.0", "ENODEV" },
        { new HostChange.Unbind("0000:09:00.0"), "unbind 0000:09:00.0: the host has no device 0000:09:00.0", "ENODEV" },
        { new HostChange.Unbind("0000:01:00.1"), "unbind 0000:01:00.1: ENODEV", "ENODEV" },
        { new HostChange.Bind("0000:01:00.1", "e1000e"), "bind 0000:01:00.1 to e1000e: EBUSY", "EBUSY" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void A_change_that_the_host_refuses_is_a_refused_step(HostChange change, string words, string errno)
    {
        var expected = new StepExpectation { Outcome = StepOutcome.Refused, Words = [words], Errno = errno };
        var result = (Small with { Steps = [new ScenarioStep.Attach(Nic), new ScenarioStep.Host([change]) { Expect = expected }] }).Run();
        Assert.True(result.Passed, result.ToString());

        result = (Small with { Steps = [new ScenarioStep.Attach(Nic), new ScenarioStep.Host([change])] }).Run();
        Assert.Equal("outcome", Assert.Single(result.Mismatches).Key);
    }

    [Fact]
    public void The_changes_after_a_refused_one_are_made()
    {
        var expected = new StepExpectation { Outcome = StepOutcome.Refused, Words = ["no device 0000:09:00.0", "unbind 0000:01:00.0: done"] };
        var step = new ScenarioStep.Host([new HostChange.Remove("0000:09:00.0"), new HostChange.Unbind(Nic)]) { Expect = expected };
        var result = (Small with { Steps = [step] }).Run();
        Assert.True(result.Passed, result.ToString());
    }

    [Fact]
    public void A_scenario_without_steps_is_no_scenario() =>
        Assert.Contains("steps: there is none", Assert.Throws<ScenarioFormatException>(() => Small.Run()).Message, StringComparison.Ordinal);

    [Fact]
    [Trait("Requirement", "R0.19")]
    public void What_an_old_kernel_logs_stands_in_the_words()
    {
        var expected = new StepExpectation { Outcome = StepOutcome.Refused, Errno = "EIO", Words = ["the kernel says BUG: 0000:01:00.1: driver e1000e"] };
        var result = (Small with
        {
            Host = Small.Host with { Kernel = KernelPersonality.Linux410 },
            Steps = [new ScenarioStep.Attach(Nic), new ScenarioStep.Host([new HostChange.Bind("0000:01:00.1", "e1000e")]) { Expect = expected }],
        }).Run();
        Assert.True(result.Passed, result.ToString());
    }
}
