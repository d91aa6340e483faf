using FsCheck;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

public class MappingPlanPropertyTests
{
    private static readonly Gen<(DmaSection[] Before, DmaSection[] After)> Changes = Views.Changes();

    [Theory]
    [InlineData(MappingPlanMode.Steady)]
    [InlineData(MappingPlanMode.Qemu)]
    public void Applying_a_plan_gives_exactly_the_view(MappingPlanMode mode) => Generated.Holds(Changes, change =>
    {
        var table = Tables.Mapped(change.Before, mode);
        var target = MappingPlan.TargetOf(change.After);
        Tables.Apply(MappingPlan.ForView(table, target, Tables.Rules(change.After, mode)), table);
        return Shows(table, change.After) && MappingPlan.ForView(table, target, Tables.Rules(change.After, mode)).IsEmpty;
    });

    [Theory]
    [InlineData(MappingPlanMode.Steady)]
    [InlineData(MappingPlanMode.Qemu)]
    public void A_plan_from_the_change_does_what_a_plan_from_the_view_does(MappingPlanMode mode) => Generated.Holds(Changes, change =>
    {
        var table = Tables.Mapped(change.Before, mode);
        var target = MappingPlan.TargetOf(change.After);
        var rules = Tables.Rules(change.After, mode);
        var whole = MappingPlan.ForView(table, target, rules);
        var part = MappingPlan.ForChange(
            table, target, [.. change.Before.Except(change.After)], [.. change.After.Except(change.Before)], rules);
        return part.Removals.SequenceEqual(whole.Removals)
            && part.Additions.SequenceEqual(whole.Additions)
            && (part.KeptCount, part.KeptBytes, part.ChurnBytes) == (whole.KeptCount, whole.KeptBytes, whole.ChurnBytes);
    });

    [Fact]
    public void A_mapping_of_which_nothing_changed_is_never_removed() => Generated.Holds(Changes, change =>
    {
        var table = Tables.Mapped(change.Before);
        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(change.After), Tables.Rules(change.After));
        return plan.Removals.All(removal => table.TryFind(removal.Start, out var mapping) && !IsIn(change.After, mapping))
            && plan.Removals.Zip(plan.Removals.Skip(1)).All(pair => pair.First.Last < pair.Second.Start)
            && plan.Additions.Zip(plan.Additions.Skip(1)).All(pair => pair.First.Range.Last < pair.Second.Range.Start);
    });

    [Fact]
    public void Kept_and_added_bytes_are_the_views() => Generated.Holds(Changes, change =>
    {
        var table = Tables.Mapped(change.Before);
        var plan = MappingPlan.ForView(table, MappingPlan.TargetOf(change.After), Tables.Rules(change.After));
        var view = change.After.Aggregate(UInt128.Zero, (sum, section) => sum + section.Range.Length);
        return plan.KeptBytes + plan.Additions.Aggregate(UInt128.Zero, (sum, addition) => sum + addition.Range.Length) == view;
    });

    /// <summary>True when table and view say the same of every byte.</summary>
    private static bool Shows(MappingTable table, DmaSection[] view) =>
        table.All(mapping => IsIn(view, mapping))
        && table.Bytes == view.Aggregate(UInt128.Zero, (sum, section) => sum + section.Range.Length);

    private static bool IsIn(DmaSection[] view, LiveMapping mapping)
    {
        var same = view.Where(section => section.Agrees(mapping.Range, mapping.Lease.Block, mapping.Offset, mapping.Access));
        return new Vmm.Iommu.Reserved.ValidIovaRanges(same.Select(section => section.Range)).Contains(mapping.Range);
    }
}
