using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Iommu.Tests.Planning;

/// <summary>Plans for containers that cannot map everywhere, and in which unmaps have failed: what becomes of each byte.</summary>
public class PlanInWindowsPropertyTests
{
    private static readonly Gen<Case> Cases =
        from change in Views.Changes()
        from holes in Ranges.Some(Gen.OneOf(Ranges.Pages(20, 20), Ranges.Bytes(), Ranges.Near(20, 12, 0x1000_0000)), 4)
        from dying in Gen.Choose(0, int.MaxValue)
        select new Case(change.Before, change.After, holes, dying);

    [Fact]
    [Trait("Requirement", "R0.3")]
    [Trait("Requirement", "R2.11")]
    public void Each_byte_of_the_view_is_kept_or_added_or_outside_or_blocked_and_only_one_of_these() => Generated.Explains(Cases, input =>
    {
        var (table, plan) = input.Plan(MappingPlanMode.Steady);
        return Naive.Points([.. table.Select(mapping => mapping.Range), .. input.After.Select(section => section.Range), .. input.Holes])
            .Select(point => WhatIsWrongAt(point, table, plan, input.After))
            .FirstOrDefault(wrong => wrong is not null);
    }, count: 600);

    [Fact]
    [Trait("Requirement", "R0.3")]
    public void What_is_added_lies_in_one_window_in_whole_pages_of_one_section() => Generated.Holds(Cases, input =>
    {
        var (_, plan) = input.Plan(MappingPlanMode.Steady);
        return plan.Additions.All(addition => input.Windows.Contains(addition.Range))
            && plan.Outside.All(piece => !input.Windows.Contains(piece.Range))
            && plan.Additions.Concat(plan.Outside).All(piece =>
                PageSizes.FourKiB.IsAligned(piece.Range) && piece.Section.Range.Contains(piece.Range)
                && piece.Offset == piece.Section.Offset + (piece.Range.Start.Value - piece.Section.Range.Start.Value));
    }, count: 600);

    [Fact]
    public void The_steps_of_a_plan_can_be_done_one_after_another_and_leave_nothing_to_do() => Generated.Holds(Cases, input =>
    {
        var (table, plan) = input.Plan(MappingPlanMode.Steady);
        Tables.Apply(plan, table);
        var again = MappingPlan.ForView(table, MappingPlan.TargetOf(input.After), input.Rules(MappingPlanMode.Steady));
        return again.IsEmpty && again.KeptBytes == plan.KeptBytes + Naive.Sum(plan.Additions.Select(addition => addition.Range));
    }, count: 600);

    [Fact]
    public void In_mode_qemu_each_section_is_whole_in_what_is_kept_added_outside_or_blocked() => Generated.Holds(Cases, input =>
    {
        var (table, plan) = input.Plan(MappingPlanMode.Qemu);
        return input.After.All(section => new[]
        {
            !plan.Removals.Contains(section.Range) && table.Any(mapping => mapping.State == MappingState.Live && mapping.Range == section.Range && Says(section, mapping)),
            plan.Additions.Any(addition => addition.Range == section.Range && addition.Section == section),
            plan.Outside.Any(piece => piece.Range == section.Range && piece.Section == section),
            plan.Blocked.Any(section.Range.Contains),
        }.Count(holds => holds) == 1);
    }, count: 600);

    private static string? WhatIsWrongAt(Iova point, MappingTable table, MappingPlan plan, DmaSection[] view)
    {
        var section = view.SingleOrDefault(candidate => candidate.Range.Contains(point));
        var isMapped = table.TryFind(point, out var mapping);
        var isLive = isMapped && mapping.State == MappingState.Live;
        var isRemoved = plan.Removals.Any(range => range.Contains(point));
        var isAdded = plan.Additions.Any(addition => addition.Range.Contains(point));
        var isOutside = plan.Outside.Any(piece => piece.Range.Contains(point));
        var isBlocked = plan.Blocked.Any(range => range.Contains(point));
        var isKept = isLive && !isRemoved;
        var isDying = isMapped && !isLive;
        return section is null && (isKept || isAdded || isOutside || isBlocked) ? $"{point} is not in the view, and yet kept, added, outside or blocked"
            : section is not null && (isKept ? 1 : 0) + (isAdded ? 1 : 0) + (isOutside ? 1 : 0) + (isBlocked ? 1 : 0) != 1 ? $"{point}: kept {isKept}, added {isAdded}, outside {isOutside}, blocked {isBlocked}"
            : isKept && !Says(section!, mapping) ? $"{point} is kept and says something else than the view"
            : isRemoved && !isLive ? $"{point} is removed and not live"
            : isBlocked != (isDying && section is not null) ? $"{point}: blocked {isBlocked}, dying {isDying}"
            : null;
    }

    private static bool Says(DmaSection section, LiveMapping mapping) =>
        section.Agrees(mapping.Range, mapping.Lease.Block, mapping.Offset, mapping.Access);

    private sealed record Case(DmaSection[] Before, DmaSection[] After, IovaRange[] Holes, int Dying)
    {
        public ValidIovaRanges Windows { get; } = Holes.Aggregate(ValidIovaRanges.All, (windows, hole) => windows.Without(hole));

        // Few entries, so that sections over much of the space make few pieces.
        public MappingRules Rules(MappingPlanMode mode) => MappingRules.For(After, PageSizes.FourKiB, 400, Windows, mode);

        public (MappingTable Table, MappingPlan Plan) Plan(MappingPlanMode mode)
        {
            var table = new MappingTable();
            Tables.Apply(MappingPlan.ForView(table, MappingPlan.TargetOf(Before), MappingRules.For(Before, PageSizes.FourKiB, 400, ValidIovaRanges.All, mode)), table);
            foreach (var (mapping, at) in table.ToList().Select((mapping, at) => (mapping, at)))
            {
                if ((Dying >> (at % 30) & 7) == 7)
                {
                    table.MarkDying(mapping.Range.Start);
                }
            }

            return (table, MappingPlan.ForView(table, MappingPlan.TargetOf(After), Rules(mode)));
        }

        public override string ToString() =>
            $"before: {string.Join(' ', Before.Select(section => section.Range))}; after: {string.Join(' ', After.Select(section => section.Range))}; windows: {Windows}; dying: {Dying:x}";
    }
}
