using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Testing.Scenarios;
using Vmm.Testing.Scenarios.Machines;
using Vmm.Testing.Scenarios.Running;

namespace Vmm.Testing.Tests.Scenarios;

/// <summary>How a device's bytes are looked for behind a vIOMMU: by what the guest's table leads to.</summary>
public sealed class GuestSightTests
{
    private const string Nic = "0000:01:00.0";
    private const ulong Iova = 0x1000_0000;
    private const ulong Target = 0x3000;

    private static readonly HotplugScenario Translated = new("translated")
    {
        Host = new HostScript { Devices = [new DeviceScript(Nic, Group: 5) { Driver = "vfio-pci" }] },
        Spaces =
        [
            new SpaceScript("memory", new MemoryScript { Sections = [Section(0, 0xffff, SectionKind.Ram)] }),
            new SpaceScript("behind", new MemoryScript { Sections = [Section(Iova, Iova + 0xf_ffff, SectionKind.Iommu)] }) { HasGuestIommu = true },
        ],
    };

    [Fact]
    public void Bytes_behind_a_vIOMMU_are_those_of_the_target()
    {
        OnTranslated((world, space, _) =>
        {
            space.Guest!.Map(Iova, 0x1000, Target);
            using var sight = new GuestSight(world, space);

            sight.Write(Iova + 0x10, "packet"u8);

            Assert.Equal("packet"u8.ToArray(), world.GuestRead(world.SystemMemory, Target + 0x10, 6));
            Assert.Equal("packet"u8.ToArray(), sight.Read(Iova + 0x10, 6));
            Assert.True(sight.HasMemory(Iova + 0xff0, 0x10));
            Assert.False(sight.HasMemory(Iova + 0xff0, 0x11));
            Assert.False(sight.HasMemory(Iova + 0x1000, 1));
            Assert.Throws<FormatException>(() => sight.Read(Iova + 0x1000, 1));
        });
    }

    [Fact]
    public void A_target_that_is_no_memory_shows_none()
    {
        OnTranslated((world, space, _) =>
        {
            space.Guest!.Map(Iova, 0x1000, 0x10_0000);
            using var sight = new GuestSight(world, space);

            Assert.False(sight.HasMemory(Iova, 1));
        });
    }

    [Fact]
    public void A_device_is_lent_a_page_that_it_reaches_until_the_sight_ends()
    {
        OnTranslated((world, space, machine) =>
        {
            space.Guest!.Map(Iova, 0x1000, Target);
            ulong page;
            using (var sight = new GuestSight(world, space))
            {
                page = sight.PageAwayFrom(Iova)!.Value;

                Assert.True(page > Iova + 0x2000, $"{page:x}");
                Assert.Equal(StepOutcome.Done, machine.DmaWrite(world.TargetOf(space, Nic, page, sight), "lent"u8).Outcome);
                Assert.Equal("lent"u8.ToArray(), sight.Read(page, 4));
                Assert.NotEqual("lent"u8.ToArray(), world.GuestRead(world.SystemMemory, Target, 4));
            }

            using var after = new GuestSight(world, space);
            Assert.Equal(StepOutcome.DmaFault, machine.DmaWrite(world.TargetOf(space, Nic, page, after), "late"u8).Outcome);
            Assert.Equal(StepOutcome.Done, machine.DmaWrite(world.TargetOf(space, Nic, Iova, after), "kept"u8).Outcome);
        });
    }

    [Fact]
    public void No_page_is_lent_where_the_guest_has_taken_them_all()
    {
        OnTranslated((world, space, _) =>
        {
            space.Guest!.Map(Iova, 0x10_0000, 0x1000_0000);
            using var sight = new GuestSight(world, space);

            Assert.Null(sight.PageAwayFrom(Iova));
        });
    }

    private static SectionScript Section(ulong start, ulong last, SectionKind kind) => new(IovaRange.FromBounds(start, last), kind, kind == SectionKind.Ram ? "ram" : "viommu");

    private static void OnTranslated(Action<ScenarioWorld, ScenarioSpace, EmulatedMachine> test)
    {
        using var machine = new EmulatedMachine(Translated.Host, recording: null);
        using var world = new ScenarioWorld(Translated, seed: 1, machine);
        world.Begin(Translated);
        var space = world.Spaces["behind"];
        var attached = world.Stepped.Settle(() => space.Client.AttachDeviceAsync(Nic), "the attach");
        Assert.True(attached.IsAttached, attached.Refusal?.Words);
        test(world, space, machine);
        world.Release();
        world.Memory.Retire();
    }
}
