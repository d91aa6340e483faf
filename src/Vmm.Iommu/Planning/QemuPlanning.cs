using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;

namespace Vmm.Iommu.Planning;

/// <summary>Plans the calls that QEMU makes: section by section, whatever stays the same inside.</summary>
internal static class QemuPlanning
{
    public static MappingPlan ForView(MappingTable table, IovaRangeMap<DmaSection> target, MappingRules rules)
    {
        var outdated = table
            .Where(mapping => mapping is { State: MappingState.Live, IsHot: false })
            .Where(mapping => !(target.TryFind(mapping.Range.Start, out _, out var section) && IsWhole(mapping, section)))
            .ToList();
        return Make(table, [.. outdated.Select(mapping => mapping.Range)], outdated, target.Select(entry => entry.Value), rules);
    }

    public static MappingPlan ForChange(MappingTable table, IReadOnlyList<DmaSection> removed, IReadOnlyList<DmaSection> added, MappingRules rules)
    {
        var gone = new List<LiveMapping>();
        foreach (var section in removed)
        {
            foreach (var (_, mapping) in table.Overlapping(section.Range))
            {
                if (mapping.State == MappingState.Live)
                {
                    gone.Add(mapping);
                }
            }
        }

        return Make(table, [.. removed.Select(section => section.Range)], gone, added, rules);
    }

    private static MappingPlan Make(
        MappingTable table, IReadOnlyList<IovaRange> removals, List<LiveMapping> gone, IEnumerable<DmaSection> wanted, MappingRules rules)
    {
        var goneStarts = gone.Select(mapping => mapping.Range.Start).ToHashSet();
        var (additions, outside, blocked) = (new List<PlannedMapping>(), new List<PlannedMapping>(), new List<IovaRange>());
        foreach (var section in wanted)
        {
            if (table.TryFind(section.Range.Start, out var mapping) && IsWhole(mapping, section) && !goneStarts.Contains(mapping.Range.Start))
            {
                continue;
            }

            if (FirstDying(table, section.Range) is { } dying)
            {
                blocked.Add(dying);
            }
            else
            {
                (rules.Windows.Contains(section.Range) ? additions : outside).Add(new(section.Range, section));
            }
        }

        return new()
        {
            Removals = removals,
            Additions = additions,
            Outside = outside,
            Blocked = blocked,
            KeptCount = table.Count - table.DyingCount - gone.Count,
            KeptBytes = gone.Aggregate(table.Bytes - table.DyingBytes, (bytes, mapping) => bytes - mapping.Range.Length),
            ChurnBytes = Churn.Of(gone, additions),
        };
    }

    private static bool IsWhole(in LiveMapping mapping, DmaSection section) =>
        mapping is { State: MappingState.Live, IsHot: false } && mapping.Range == section.Range
        && section.Agrees(mapping.Range, mapping.Lease.Block, mapping.Offset, mapping.Access);

    /// <summary>The part of a section that a mapping whose unmap has not succeeded takes up: the whole section cannot be mapped then.</summary>
    private static IovaRange? FirstDying(MappingTable table, IovaRange wanted)
    {
        foreach (var (range, mapping) in table.Overlapping(wanted))
        {
            if (mapping.State == MappingState.Dying && range.TryIntersect(wanted, out var shared))
            {
                return shared;
            }
        }

        return null;
    }
}
