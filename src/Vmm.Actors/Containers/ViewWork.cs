using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>A view on its way into one container: what is still to be mapped, and what became of the rest. Touched in the ring's turn, or between turns by the one who waits.</summary>
internal sealed class ViewWork
{
    /// <summary>Bytes that one slice maps at most, unless a single mapping is larger: a vCPU's own map waits for one slice.</summary>
    private const ulong SliceOfSmallPages = 64UL << 20;
    private const ulong SliceOfHugePages = 1UL << 30;

    // KERNEL: type1's own limit where the kernel does not say how many entries are left.
    private const uint DefaultEntries = 65535;

    private readonly Queue<PlannedMapping> _rest;
    private int _mapped;
    private readonly List<SkippedSection> _skipped = [];
    private readonly List<string> _holes = [];
    private readonly List<string> _stuck = [];
    private readonly List<SkippedSection> _pending = [];
    private readonly bool _allOrNothing;
    private readonly UInt128 _churn;
    private int _unmapped;

    private ViewWork(IEnumerable<PlannedMapping> additions, bool allOrNothing, UInt128 churn)
    {
        _rest = new Queue<PlannedMapping>(additions);
        _allOrNothing = allOrNothing;
        _churn = churn;
    }

    /// <summary>True while something is still to be mapped.</summary>
    public bool HasMore => _rest.Count > 0;

    /// <summary>The first RAM that could not be mapped; null while all could.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Sections that the container leaves out.</summary>
    public IReadOnlyList<SkippedSection> Skipped => _skipped;

    /// <summary>RAM that is to be mapped and could not be.</summary>
    public IReadOnlyList<SkippedSection> Pending => _pending;

    /// <summary>Removals that failed, in words.</summary>
    public IReadOnlyList<string> Stuck => _stuck;

    /// <summary>Plans a view and does its removals, ascending; its additions follow in slices.</summary>
    /// <param name="turn">The container.</param>
    /// <param name="view">The view.</param>
    /// <param name="allOrNothing">True to stop at the first RAM that cannot be mapped.</param>
    public static ViewWork Remove(ContainerTurn turn, FlatView view, bool allOrNothing = false)
    {
        var (plan, skipped) = Plan(turn, view);
        var work = new ViewWork(plan.Additions, allOrNothing, plan.ChurnBytes);
        work._skipped.AddRange(skipped);
        foreach (var range in plan.Removals)
        {
            var removed = turn.Unmap(range);
            if (removed.IsOk)
            {
                work._unmapped++;
            }
            else
            {
                work._stuck.Add($"{range} could not be unmapped ({removed}): it stays Dying and devices may still reach it.");
            }
        }

        work.NoteWhatCannotBe(turn, plan);
        if (allOrNothing && work.Refusal is not null)
        {
            work._rest.Clear();
        }

        return work;
    }

    /// <summary>Plans a view and refuses it where its additions cannot be mapped; those that collide with nothing live follow in slices.</summary>
    public static ViewWork Prepare(ContainerTurn turn, FlatView view)
    {
        var (plan, _) = Plan(turn, view);
        var work = new ViewWork(plan.AdditionsInFreeSpace(turn.Table), allOrNothing: true, churn: 0);
        work.NoteWhatCannotBe(turn, plan);
        if (work.Refusal is not null)
        {
            work._rest.Clear();
        }

        return work;
    }

    /// <summary>Maps the next slice.</summary>
    public void MapSlice(ContainerTurn turn)
    {
        var bytes = UInt128.Zero;
        while (_rest.TryPeek(out var map) && (bytes == 0 || bytes + map.Range.Length <= SliceOf(map)))
        {
            bytes += map.Range.Length;
            _rest.Dequeue();
            var result = turn.Map(map.Range, map.Block, map.Offset, map.Access);
            if (result.IsOk)
            {
                _mapped++;
            }
            else if (map.Section.IsSkippable)
            {
                _skipped.Add(new SkippedSection(map.Range, map.Section.Name, $"PCI peer-to-peer transactions on BARs are not supported ({result})"));
            }
            else
            {
                Failed(map, result);
            }
        }
    }

    /// <summary>What was done.</summary>
    public ViewReport Report() => new(Generation: 0, _mapped, _unmapped, _churn, [.. _skipped], [.. _stuck, .. _holes]);

    private static ulong SliceOf(PlannedMapping map) => map.Block.PageSize > 0x1000 ? SliceOfHugePages : SliceOfSmallPages;

    private static (MappingPlan Plan, List<SkippedSection> Skipped) Plan(ContainerTurn turn, FlatView view)
    {
        var snapshot = turn.Snapshot;
        var filter = new SectionFilter((ulong)Environment.SystemPageSize, snapshot.PageSizes);
        var target = new List<DmaSection>();
        var skipped = new List<SkippedSection>();
        foreach (var section in view)
        {
            if (filter.Judge(section, out var dma) is var reason && dma is not null)
            {
                target.Add(dma);
            }
            else if (section.Block is not null)
            {
                skipped.Add(new SkippedSection(section.Range, section.Name, SectionFilter.Explain(reason)));
            }
        }

        var carved = CarvedSections.Of(target, turn.UserHoles, snapshot.PageSizes);
        skipped.AddRange(carved.Lost.Select(lost => new SkippedSection(lost.Range, lost.Name, "it lies in a hole that the user asked for")));
        target = [.. carved.Sections];
        var entries = turn.Table.Count + (turn.GetState().EntriesLeft ?? DefaultEntries);
        var rules = MappingRules.For(target, snapshot.PageSizes, entries, snapshot.Windows);
        return (MappingPlan.ForView(turn.Table, MappingPlan.TargetOf(target), rules), skipped);
    }

    /// <summary>RAM outside the windows, and RAM where an unmap has not succeeded, is a hole; a BAR there is skipped.</summary>
    private void NoteWhatCannotBe(ContainerTurn turn, MappingPlan plan)
    {
        var conflicts = plan.Outside.SelectMany(piece => ConflictsOf(piece, turn.Regions)).ToList();
        foreach (var conflict in conflicts.Where(conflict => conflict.IsSkippable))
        {
            _skipped.Add(new SkippedSection(conflict.GuestRange, conflict.Region, conflict.ToString()));
        }

        var critical = conflicts.Where(conflict => !conflict.IsSkippable).ToList();
        if (critical.Count > 0)
        {
            _holes.AddRange(critical.Select(conflict => $"{conflict}."));
            _pending.AddRange(critical.Select(conflict => new SkippedSection(conflict.GuestRange, conflict.Region, conflict.ToString())));
            Refusal ??= new Refusal(RefusalReason.Conflict, string.Join("; ", critical), Errno.None, critical);
        }

        foreach (var range in plan.Blocked)
        {
            _pending.Add(new SkippedSection(range, "memory", "an unmap there has failed"));
            Hole($"{range} cannot be mapped: an unmap there has failed, so devices may still reach what was there.", MapResult.Of(MapStatus.Tainted));
        }
    }

    /// <summary>Whose the ranges are that keep a piece out of the windows; the IOMMU's aperture where no region does.</summary>
    private static List<Conflict> ConflictsOf(PlannedMapping piece, ReservedRegionSet regions)
    {
        var section = piece.Section;
        var holes = regions.Conflicts(piece.Range)
            .Select(region => new Conflict(section.Range, section.Name, section.IsSkippable, region.Kind, region.Range, region.Owner))
            .ToList();
        return holes.Count > 0 ? holes : [new Conflict(section.Range, section.Name, section.IsSkippable, Kind: null, piece.Range, "the container's IOMMU")];
    }

    private void Hole(string words, MapResult result)
    {
        _holes.Add(words);
        Refusal ??= new Refusal(result.Errno.IsNone ? RefusalReason.Conflict : RefusalReason.Kernel, words, result.Errno);
    }

    private void Failed(PlannedMapping map, MapResult result)
    {
        _pending.Add(new SkippedSection(map.Range, map.Section.Name, result.ToString()));
        Hole($"{map.Section.Name} at {map.Range} could not be mapped: {result}.", result);
        if (_allOrNothing)
        {
            // What is mapped by now goes with the settlement that follows a refusal.
            _rest.Clear();
        }
    }
}
