using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Planning;

/// <summary>
/// What to unmap and what to map so that a container shows a view: all removals ascending, then all additions ascending.
/// Pure: making one changes nothing.
/// </summary>
public sealed record MappingPlan
{
    /// <summary>
    /// Ranges to unmap, one call each, ascending. A range cuts no mapping in two; in mode
    /// <see cref="MappingPlanMode.Qemu"/> it may hold none.
    /// </summary>
    public required IReadOnlyList<IovaRange> Removals { get; init; }

    /// <summary>Mappings to make after the removals, one call each, ascending.</summary>
    public required IReadOnlyList<PlannedMapping> Additions { get; init; }

    /// <summary>Pieces outside the container's windows, ascending: a skippable one is skipped, one of RAM is a conflict.</summary>
    public required IReadOnlyList<PlannedMapping> Outside { get; init; }

    /// <summary>Ranges of the view that cannot be mapped because an unmap there has not succeeded, ascending.</summary>
    public required IReadOnlyList<IovaRange> Blocked { get; init; }

    /// <summary>Live mappings that stay.</summary>
    public required int KeptCount { get; init; }

    /// <summary>Bytes that stay mapped.</summary>
    public required UInt128 KeptBytes { get; init; }

    /// <summary>Bytes of RAM that are unmapped and mapped again with the same host byte and access: DMA to them faults meanwhile.</summary>
    public required UInt128 ChurnBytes { get; init; }

    /// <summary>True when nothing is to be done.</summary>
    public bool IsEmpty => Removals.Count == 0 && Additions.Count == 0;

    /// <summary>What a view's sections are looked up in.</summary>
    /// <exception cref="ArgumentException">Two sections overlap.</exception>
    public static IovaRangeMap<DmaSection> TargetOf(IEnumerable<DmaSection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        var target = new IovaRangeMap<DmaSection>();
        foreach (var section in sections)
        {
            if (!target.TryAdd(section.Range, section))
            {
                throw new ArgumentException($"{section.Name} at {section.Range} overlaps another section.", nameof(sections));
            }
        }

        return target;
    }

    /// <summary>A plan from the whole view: everything in the table is compared with it. Costs time in proportion to both.</summary>
    /// <param name="table">What the container has.</param>
    /// <param name="target">What it is to have.</param>
    /// <param name="rules">What the plan keeps to.</param>
    public static MappingPlan ForView(MappingTable table, IovaRangeMap<DmaSection> target, MappingRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return rules.Mode == MappingPlanMode.Steady
            ? SteadyPlanning.Plan(table, target, [IovaRange.All], rules)
            : QemuPlanning.ForView(table, target, rules);
    }

    /// <summary>A plan from what changed alone. Costs time in proportion to the change, not to the view.</summary>
    /// <param name="table">What the container has.</param>
    /// <param name="target">What it is to have: the view after the change.</param>
    /// <param name="removed">Sections that the view had and has no more, ascending.</param>
    /// <param name="added">Sections that the view has now and had not, ascending.</param>
    /// <param name="rules">What the plan keeps to.</param>
    public static MappingPlan ForChange(
        MappingTable table,
        IovaRangeMap<DmaSection> target,
        IReadOnlyList<DmaSection> removed,
        IReadOnlyList<DmaSection> added,
        MappingRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return rules.Mode == MappingPlanMode.Steady
            ? SteadyPlanning.Plan(table, target, [.. removed.Concat(added).Select(section => section.Range)], rules)
            : QemuPlanning.ForChange(table, removed, added, rules);
    }

    /// <summary>The additions that can be made before any removal: they touch nothing that is mapped now.</summary>
    public IEnumerable<PlannedMapping> AdditionsInFreeSpace(MappingTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Additions.Where(addition => !table.Overlaps(addition.Range));
    }
}
