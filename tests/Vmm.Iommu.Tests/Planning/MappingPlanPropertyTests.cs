using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

public class MappingPlanPropertyTests
{
    private static readonly RamBlock[] Blocks = [Tables.Block("a"), Tables.Block("b", 0x1000_0000_0000)];

    private static readonly Gen<DmaSection> AnySection =
        from place in Gen.OneOf(Ranges.Pages(20, 30), Ranges.Near(20, 12, 0x1000_0000), ShadowArea)
        from block in Gen.Elements(Blocks)
        from access in Gen.Frequency((4, Gen.Constant(DmaAccess.ReadWrite)), (1, Gen.Constant(DmaAccess.Read)))
        from isBar in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new DmaSection(place, block, place.Start.Value & 0xff_ffff_f000, access, isBar, block.Name);

    private static readonly Gen<DmaSection[]> Views =
        from count in Gen.Choose(0, 12)
        from sections in AnySection.ArrayOf(count)
        select Disjoint(sections);

    /// <summary>Two views of which the second is the first with a few sections gone, come, or split.</summary>
    private static readonly Gen<(DmaSection[] Before, DmaSection[] After)> Changes =
        from before in Views
        from fresh in Views
        from seed in Gen.Choose(0, int.MaxValue)
        select (before, Disjoint([.. before.SelectMany((section, i) => Altered(section, seed >> (2 * (i % 15)))), .. fresh.Take(2)]));

    private static Gen<IovaRange> ShadowArea =>
        from start in Gen.Choose(0x98, 0x108)
        from pages in Gen.Choose(1, 40)
        select IovaRange.FromLength((ulong)start << 12, (ulong)pages << 12);

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

    private static DmaSection[] Disjoint(IEnumerable<DmaSection> sections)
    {
        var map = new IovaRangeMap<DmaSection>();
        foreach (var section in sections)
        {
            map.TryAdd(section.Range, section);
        }

        return [.. map.Select(entry => entry.Value)];
    }

    private static IEnumerable<DmaSection> Altered(DmaSection section, int how)
    {
        var middle = section.Range.Start.Value + (((section.Range.Last.Value - section.Range.Start.Value) / 2) & ~0xffful);
        switch (how & 3)
        {
            case 1 when middle > section.Range.Start.Value:
                // The upper half becomes read-only, as shadowing does it.
                yield return section with { Range = IovaRange.FromBounds(section.Range.Start.Value, middle - 1) };
                yield return section with { Range = IovaRange.FromBounds(middle, section.Range.Last.Value), Offset = section.OffsetAt(new Iova(middle)), Access = DmaAccess.Read };
                break;
            case 2:
                break;
            default:
                yield return section;
                break;
        }
    }

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
