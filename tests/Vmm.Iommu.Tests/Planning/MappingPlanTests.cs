using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Tests.Planning;

public class MappingPlanTests
{
    private const ulong GiB = 1UL << 30;
    private static readonly RamBlock Ram = Tables.Block("pc.ram");
    private static readonly RamBlock Bios = Tables.Block("pc.bios", 0x7f00_0000_0000_0000, 0x40000);
    private static readonly RamBlock Bar = Tables.Block("BAR 0", 0x7f00_1000_0000_0000, 0x10000);

    [Fact]
    public void Shadowing_a_page_unmaps_that_page_alone_and_churns_nothing()
    {
        var table = Tables.Mapped([Tables.Section(Ram, 0, (4 * GiB) - 1)]);
        DmaSection[] shadowed =
        [
            Tables.Section(Ram, 0, 0xeffff),
            Tables.Section(Ram, 0xf0000, 0xf0fff, DmaAccess.Read),
            Tables.Section(Ram, 0xf1000, (4 * GiB) - 1),
        ];

        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(shadowed), Tables.Rules(shadowed));

        Assert.Equal([IovaRange.FromBounds(0xf0000, 0xf0fff)], plan.Removals);
        Assert.Equal([(IovaRange.FromBounds(0xf0000, 0xf0fff), DmaAccess.Read)], plan.Additions.Select(addition => (addition.Range, addition.Access)));
        Assert.Equal(UInt128.Zero, plan.ChurnBytes);
        Assert.Equal((UInt128)((4 * GiB) - 0x1000), plan.KeptBytes);
    }

    [Fact]
    public void Qemu_mode_unmaps_and_maps_the_big_section_for_the_same_page_and_the_churn_is_counted()
    {
        DmaSection[] plain = [Tables.Section(Ram, 0, (4 * GiB) - 1)];
        var table = Tables.Mapped(plain, MappingPlanMode.Qemu);
        DmaSection[] shadowed =
        [
            Tables.Section(Ram, 0, 0xeffff),
            Tables.Section(Ram, 0xf0000, 0xf0fff, DmaAccess.Read),
            Tables.Section(Ram, 0xf1000, (4 * GiB) - 1),
        ];
        var rules = Tables.Rules(shadowed, MappingPlanMode.Qemu);

        var plan = MappingPlan.ForChange(table, MappingPlan.TargetOf(shadowed), plain, shadowed, rules);

        Assert.Equal([IovaRange.FromBounds(0, (4 * GiB) - 1)], plan.Removals);
        Assert.Equal(shadowed.Select(section => section.Range), plan.Additions.Select(addition => addition.Range));
        Assert.Equal((UInt128)((4 * GiB) - 0x1000), plan.ChurnBytes);
        Assert.Equal(plan.Additions, MappingPlan.ForView(table, MappingPlan.TargetOf(shadowed), rules).Additions);
    }

    [Fact]
    public void A_mapping_with_another_cut_stays_while_it_says_what_the_view_says()
    {
        DmaSection[] whole = [Tables.Section(Ram, 0, (4 * GiB) - 1)];
        var table = Tables.Mapped(whole, MappingPlanMode.Qemu);

        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(whole), Tables.Rules(whole));

        Assert.True(plan.IsEmpty);
        Assert.Equal(1, plan.KeptCount);
    }

    [Fact]
    public void A_mapping_stays_when_its_section_is_split_in_two_that_show_the_same_bytes()
    {
        var table = Tables.Mapped([Tables.Section(Ram, GiB, (2 * GiB) - 1)]);
        DmaSection[] split = [Tables.Section(Ram, GiB, GiB + 0xffff), Tables.Section(Ram, GiB + 0x10000, (2 * GiB) - 1)];

        Assert.True(MappingPlan.ForView(table, MappingPlan.TargetOf(split), Tables.Rules(split)).IsEmpty);
    }

    [Fact]
    public void Other_host_bytes_at_the_same_place_are_unmapped_and_mapped()
    {
        var table = Tables.Mapped([Tables.Section(Bios, 0xfffc0000, 0xffffffff, offset: 0)]);
        DmaSection[] moved = [Tables.Section(Bios, 0xfffc0000, 0xfffdffff, offset: 0x20000)];

        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(moved), Tables.Rules(moved));

        Assert.Equal([IovaRange.FromBounds(0xfffc0000, 0xffffffff)], plan.Removals);
        Assert.Equal(0x20000ul, Assert.Single(plan.Additions).Offset);
        Assert.Equal(UInt128.Zero, plan.ChurnBytes);
    }

    [Fact]
    public void Hotplugged_memory_is_added_and_can_be_mapped_before_any_removal()
    {
        DmaSection[] before = [Tables.Section(Ram, 0, GiB - 1)];
        var table = Tables.Mapped(before);
        var dimm = Tables.Section(Tables.Block("dimm", 0x7f80_0000_0000_0000, GiB), 4 * GiB, (5 * GiB) - 1, offset: 0);
        DmaSection[] after = [.. before, dimm];

        var plan = MappingPlan.ForChange(table, MappingPlan.TargetOf(after), [], [dimm], Tables.Rules(after));

        Assert.Empty(plan.Removals);
        Assert.Equal(plan.Additions, plan.AdditionsInFreeSpace(table));
        Assert.Equal(dimm.Range, Assert.Single(plan.Additions).Range);
    }

    [Fact]
    [Trait("Requirement", "R2.11")]
    public void A_bar_outside_the_windows_is_planned_as_outside_and_never_cut()
    {
        DmaSection[] view = [Tables.Section(Ram, 0, GiB - 1), Tables.Section(Bar, 0xfee00000, 0xfee0ffff, skippable: true, offset: 0)];
        var rules = Tables.Rules(view) with { Windows = ValidIovaRanges.All.Without(IovaRange.FromBounds(0xfee00000, 0xfeefffff)) };

        var plan = MappingPlan.ForView(new MappingTable(), MappingPlan.TargetOf(view), rules);

        Assert.True(Assert.Single(plan.Outside).Section.IsSkippable);
        Assert.DoesNotContain(plan.Additions, addition => addition.Section.IsSkippable);
    }

    [Theory]
    [InlineData(MappingPlanMode.Steady)]
    [InlineData(MappingPlanMode.Qemu)]
    public void A_range_whose_unmap_failed_is_blocked_and_nothing_is_planned_over_it(MappingPlanMode mode)
    {
        DmaSection[] view = [Tables.Section(Ram, GiB, (2 * GiB) - 1)];
        var table = Tables.Mapped([Tables.Section(Ram, GiB + 0x1000, GiB + 0x1fff, DmaAccess.Read)]);
        table.MarkDying(new Iova(GiB + 0x1000));

        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(view), Tables.Rules(view, mode));

        Assert.Empty(plan.Removals);
        Assert.Equal([IovaRange.FromLength(GiB + 0x1000, 0x1000)], plan.Blocked);
        Assert.All(plan.Additions, addition => Assert.False(table.Overlaps(addition.Range)));
        Assert.Equal(0, plan.KeptCount);
    }

    [Fact]
    public void A_target_with_overlapping_sections_is_refused() =>
        Assert.Throws<ArgumentException>(() => MappingPlan.TargetOf([Tables.Section(Ram, 0, 0x1fff), Tables.Section(Ram, 0x1000, 0x2fff)]));
}
