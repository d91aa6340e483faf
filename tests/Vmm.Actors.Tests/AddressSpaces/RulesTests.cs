using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Actors.Tests.AddressSpaces;

/// <summary>What holds for a space whoever attaches: frozen windows, told windows, holes.</summary>
public class RulesTests
{
    private const string First = "0000:05:00.0";
    private const string Second = "0000:06:00.0";
    private static readonly IovaRange High = IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff);
    private static readonly IovaRange Inside = IovaRange.FromBounds(0x40_0800, 0x40_0fff);

    [Theory]
    [Trait("Requirement", "R0.10")]
    [InlineData(true)]
    [InlineData(false)]
    public void Frozen_windows_refuse_an_attach_that_would_change_them_whatever_its_own_policy(bool mayHaveSecondContainer)
    {
        using var rig = new Rig(Narrowing);
        rig.Attach(First);
        Change(rig, rules => rules with { FreezeWindows = true });

        var attach = rig.Do(() => rig.Space.AttachDeviceAsync(Second, mayHaveSecondContainer ? AttachPolicy.Default : new AttachPolicy { AllowSecondContainer = false }));

        Assert.Equal(RefusalReason.Policy, attach.Refusal!.Reason);
        Assert.Contains("freeze-iova", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.Equal([5], rig.OnlyContainer().Groups);
        Change(rig, rules => rules with { FreezeWindows = false });
        Assert.True(rig.Attach(Second).IsAttached);
    }

    [Fact]
    [Trait("Requirement", "R0.10")]
    public void Frozen_windows_refuse_a_late_member_that_brings_regions_and_other_holes()
    {
        using var rig = new Rig();
        rig.Attach(First);
        rig.Kernel.Host.AddDevice(new PciDeviceSpec("0000:05:00.1") { Reserved = [new(ReservedRegionKind.Reserved, High, "group 5", "test")] }, 5);
        rig.Kernel.Host.BindToVfio("0000:05:00.1");
        rig.Do(() => rig.Vmm.RescanHostAsync());
        Change(rig, rules => rules with { FreezeWindows = true });

        var late = rig.Attach("0000:05:00.1");
        var holes = rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { Holes = [High] }));

        Assert.Equal(RefusalReason.Policy, late.Refusal!.Reason);
        Assert.Equal(RefusalReason.Policy, holes.Refusal!.Reason);
        Assert.Empty(rig.Do(() => rig.Space.GetStateAsync()).Rules.Holes);
        Assert.True(rig.OnlyContainer().Snapshot.Windows.Contains(High));
    }

    [Fact]
    [Trait("Requirement", "R0.10")]
    public void An_aperture_that_only_the_kernel_knows_is_tested_too_and_the_group_goes_out_again()
    {
        using var rig = new Rig(host => host
            .Unit("dmar0").Unit("dmar1", aperture: IovaRange.FromBounds(0, 0x7f_ffff_ffff))
            .Group(5).Device(First, driver: "vfio-pci", unit: "dmar0").Msi()
            .Group(6).Device(Second, driver: "vfio-pci", unit: "dmar1").Msi());
        rig.Attach(First);
        Change(rig, rules => rules with { FreezeWindows = true });

        var attach = rig.Attach(Second);

        Assert.Equal(RefusalReason.Policy, attach.Refusal!.Reason);
        Assert.Equal([5], rig.OnlyContainer().Groups);
        Assert.True(rig.OnlyContainer().Snapshot.Windows.Contains(High));
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    [Trait("Requirement", "R0.10")]
    public void Windows_that_the_guest_was_told_are_kept_by_every_attach_unless_it_says_otherwise()
    {
        using var rig = new Rig(Narrowing);
        rig.Attach(First);
        var told = rig.Do(() => rig.Space.GetStateAsync()).Windows;
        Change(rig, rules => rules with { ToldWindows = told });

        var attach = rig.Attach(Second);
        var plan = rig.Do(() => rig.Space.PlanAttachAsync(Second));
        var insisting = rig.Do(() => rig.Space.AttachDeviceAsync(Second, AttachPolicy.Default with { MayBreakToldWindows = true }));

        Assert.Equal(RefusalReason.Policy, attach.Refusal!.Reason);
        Assert.Contains("the guest was told", attach.Refusal.Words, StringComparison.Ordinal);
        Assert.IsType<AttachPlan.Refuse>(plan.Plan);
        Assert.True(insisting.IsAttached, insisting.Refusal?.Words);
    }

    [Fact]
    [Trait("Requirement", "R0.9")]
    public void A_guest_is_not_told_what_cannot_be_mapped_and_keeps_what_it_was_told()
    {
        using var rig = new Rig();
        rig.Attach(First);
        var all = rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { ToldWindows = ValidIovaRanges.All }));
        Change(rig, rules => rules with { ToldWindows = new([High]) });
        var hole = rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { Holes = [High] }));

        Assert.Equal(RefusalReason.Policy, all.Refusal!.Reason);
        Assert.Equal(RefusalReason.Policy, hole.Refusal!.Reason);
    }

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void Ram_is_cut_around_holes_that_were_asked_for_and_both_sides_stay_mapped()
    {
        using var rig = new Rig();
        Change(rig, rules => rules with { Holes = [Inside] });
        rig.Commit(rig.View);

        var attach = rig.Attach(First);

        Assert.True(attach.IsAttached, attach.Refusal?.Words);
        Assert.Equal("0x400000-0x400fff", Assert.Single(attach.Skipped).Range.ToString());
        Assert.True(rig.Reaches(First, 0x3f_f000));
        Assert.False(rig.Reaches(First, 0x40_0000));
        Assert.True(rig.Reaches(First, 0x40_1000));
        Assert.Equal([1, 2, 3, 4], rig.Ram.Bytes(0x40_1000, 4).ToArray());
        Assert.False(rig.OnlyContainer().Snapshot.Windows.Contains(Inside));
        var plan = Assert.IsType<AttachPlan.Share>(rig.Do(() => rig.Space.PlanAttachAsync(Second)).Plan);
        Assert.False(plan.WindowsAfter.Contains(Inside));
    }

    [Fact]
    [Trait("Requirement", "R1.3")]
    public void A_view_is_prepared_and_committed_around_holes_and_a_hole_that_goes_is_filled()
    {
        using var rig = new Rig();
        rig.Attach(First);
        Change(rig, rules => rules with { Holes = [Inside] });

        var prepared = rig.Do(() => rig.Space.PrepareViewAsync(rig.View));
        var report = rig.Commit(rig.View);
        Change(rig, rules => rules with { Holes = [] });

        Assert.True(prepared.IsPrepared, prepared.Refusal?.Words);
        Assert.Empty(report.Holes);
        Assert.Equal("ram", Assert.Single(report.Skipped).Name);
        Assert.True(rig.Reaches(First, 0x40_0000));
        Assert.Empty(rig.OnlyContainer().Skipped);
    }

    [Fact]
    [Trait("Requirement", "R1.11")]
    public void A_hole_in_which_something_is_mapped_is_refused_in_every_container_or_none()
    {
        using var rig = new Rig(host => host
            .Group(5).Device(First, driver: "vfio-pci", bars: [0x4000]).Msi()
            .Group(6).Device(Second, driver: "vfio-pci").Reserved(ReservedRegionKind.Reserved, IovaRange.FromBounds(0xe000_0000, 0xe000_ffff)));
        var first = rig.Attach(First);
        var bar = Assert.Single(first.Binding!.Hardware.MapRegion(0).Value!).Block;
        rig.Commit(new FlatView([.. rig.View, Rig.Section(0xe000_0000, bar, kind: SectionKind.RamDevice)]));
        rig.Attach(Second);

        // Only the first container has the BAR; what the second one had taken by then is put back.
        var overBar = rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { Holes = [IovaRange.FromBounds(0xe000_0000, 0xe000_0fff)] }));
        var overRam = rig.Do(() => rig.Space.ChangeRulesAsync(rules => rules with { Holes = [High, Inside] }));

        Assert.Equal(RefusalReason.Conflict, overBar.Refusal!.Reason);
        Assert.Equal(("ram", ReservedRegionKind.User, "user"), (overRam.Refusal!.Conflicts[0].Region, overRam.Refusal.Conflicts[0].Kind, overRam.Refusal.Conflicts[0].Owner));
        var state = rig.Do(() => rig.Space.GetStateAsync());
        Assert.Empty(state.Rules.Holes);
        Assert.All(state.Containers, container => Assert.True(container.Snapshot.Windows.Contains(High)));
    }

    [Fact]
    [Trait("Requirement", "R1.12")]
    public void A_hole_is_the_users_by_owner_and_source_and_there_is_none_unless_asked_for()
    {
        Assert.Empty(SpaceRules.None.Regions);
        var region = Assert.Single((SpaceRules.None with { Holes = [Inside] }).Regions);
        Assert.Equal((ReservedRegionKind.User, Inside, "user", "user"), (region.Kind, region.Range, region.Owner, region.Source));
        Assert.True(region.IsHole);
    }

    [Fact]
    public void Rules_survive_the_actors_of_space_and_container()
    {
        using var rig = new Rig();
        rig.Attach(First);
        Change(rig, rules => rules with { Holes = [High], FreezeWindows = true });

        rig.Steps.StopActor("/user/vmm/address-space-memory/container-1");
        rig.Steps.StopActor("/user/vmm/address-space-memory");
        rig.Steps.RunToQuiet();

        var state = rig.Do(() => rig.Space.GetStateAsync());
        Assert.Equal([High], state.Rules.Holes);
        Assert.False(Assert.Single(state.Containers).Snapshot.Windows.Contains(High));
    }

    [Fact]
    public void A_change_that_fails_changes_nothing_and_says_how()
    {
        using var rig = new Rig();
        var changed = rig.Do(() => rig.Space.ChangeRulesAsync(_ => throw new FormatException("odd")));
        Assert.Contains("odd", changed.Refusal!.Words, StringComparison.Ordinal);
    }

    private static void Change(Rig rig, Func<SpaceRules, SpaceRules> change)
    {
        var outcome = rig.Do(() => rig.Space.ChangeRulesAsync(change));
        Assert.True(outcome.IsChanged, outcome.Refusal?.Words);
    }

    private static void Narrowing(EmulatedHostBuilder host) => host
        .Group(5).Device(First, driver: "vfio-pci").Msi()
        .Group(6).Device(Second, driver: "vfio-pci").Msi().Reserved(ReservedRegionKind.Reserved, High);
}
