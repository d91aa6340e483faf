using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>Plans so that what did not change stays mapped.</summary>
internal static class SteadyPlanning
{
    /// <summary>Plans the parts of the space in which something may have changed; a mapping that reaches into one counts whole.</summary>
    public static MappingPlan Plan(MappingTable table, IovaRangeMap<DmaSection> target, IReadOnlyList<IovaRange> changed, MappingRules rules)
    {
        var parts = new ValidIovaRanges(changed);
        var removed = Outdated(table, target, parts);
        if (removed.Count > 0)
        {
            parts = new(parts.Concat(removed.Select(mapping => mapping.Range)));
        }

        var filling = new Filling(table, removed, rules);
        foreach (var part in parts)
        {
            foreach (var (_, section) in target.Overlapping(part))
            {
                filling.Fill(section, part);
            }
        }

        return new()
        {
            Removals = [.. removed.Select(mapping => mapping.Range)],
            Additions = filling.Additions,
            Outside = filling.Outside,
            Blocked = filling.Blocked,
            KeptCount = table.Count - table.DyingCount - removed.Count,
            KeptBytes = removed.Aggregate(table.Bytes - table.DyingBytes, (bytes, mapping) => bytes - mapping.Range.Length),
            ChurnBytes = Churn.Of(removed, filling.Additions),
        };
    }

    /// <summary>Live mappings of these parts that say anything else than the view, ascending. What a vIOMMU asked for is no view's to judge.</summary>
    private static List<LiveMapping> Outdated(MappingTable table, IovaRangeMap<DmaSection> target, ValidIovaRanges parts)
    {
        var outdated = new List<LiveMapping>();
        IovaRange? seen = null;
        foreach (var part in parts)
        {
            foreach (var (range, mapping) in table.Overlapping(part))
            {
                // A mapping that reaches over two parts comes up in both.
                if (range != seen && mapping is { State: MappingState.Live, IsHot: false } && !StillSays(target, mapping))
                {
                    outdated.Add(mapping);
                }

                seen = range;
            }
        }

        return outdated;
    }

    /// <summary>True when every byte of a mapping is in the view with the same memory and access, in however many sections.</summary>
    private static bool StillSays(IovaRangeMap<DmaSection> target, in LiveMapping mapping)
    {
        var next = mapping.Range.Start.Value;
        foreach (var (range, section) in target.Overlapping(mapping.Range))
        {
            if (range.Start.Value > next || !section.Agrees(mapping.Range, mapping.Lease.Block, mapping.Offset, mapping.Access))
            {
                return false;
            }

            if (range.Last >= mapping.Range.Last)
            {
                return true;
            }

            next = range.Last.Value + 1;
        }

        return false;
    }

    /// <summary>Fills the gaps between what stays.</summary>
    private sealed class Filling(MappingTable table, List<LiveMapping> removed, MappingRules rules)
    {
        private int _nextRemoved;

        public List<PlannedMapping> Additions { get; } = [];

        public List<PlannedMapping> Outside { get; } = [];

        public List<IovaRange> Blocked { get; } = [];

        public void Fill(DmaSection section, IovaRange part)
        {
            if (!section.Range.TryIntersect(part, out var wanted))
            {
                return;
            }

            var next = wanted.Start.Value;
            foreach (var (range, mapping) in table.Overlapping(wanted))
            {
                if (IsRemoved(range))
                {
                    continue;
                }

                if (mapping.State == MappingState.Dying && range.TryIntersect(wanted, out var blocked))
                {
                    Blocked.Add(blocked);
                }

                if (range.Start.Value > next)
                {
                    Add(section, IovaRange.FromBounds(next, range.Start.Value - 1));
                }

                if (range.Last >= wanted.Last)
                {
                    return;
                }

                next = range.Last.Value + 1;
            }

            Add(section, IovaRange.FromBounds(next, wanted.Last.Value));
        }

        /// <summary>Asked in ascending order, so that one cursor over the removed ones is enough.</summary>
        private bool IsRemoved(IovaRange range)
        {
            while (_nextRemoved < removed.Count && removed[_nextRemoved].Range.Start < range.Start)
            {
                _nextRemoved++;
            }

            return _nextRemoved < removed.Count && removed[_nextRemoved].Range == range;
        }

        private void Add(DmaSection section, IovaRange gap)
        {
            foreach (var piece in section.IsSkippable ? [gap] : rules.Cuts.Pieces(gap))
            {
                (rules.Windows.Contains(piece) ? Additions : Outside).Add(new(piece, section));
            }
        }
    }
}
