using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>A view on its way into one container: what is still to be mapped, and what became of the rest. Touched in the ring's turn, or between turns by the one who waits.</summary>
internal sealed partial class ViewWork
{
    /// <summary>Bytes that one slice maps at most, unless a single mapping is larger: a vCPU's own map waits for one slice.</summary>
    private const ulong SliceOfSmallPages = 64UL << 20;
    private const ulong SliceOfHugePages = 1UL << 30;

    // KERNEL: type1's own limit where the kernel does not say how many entries are left.
    private const uint DefaultEntries = 65535;

    private const string UnmapFailed = "an unmap there has failed";

    private readonly ContainerContents _contents;
    private readonly ViewTarget _target;
    private readonly Queue<PlannedMapping> _rest = [];
    private readonly List<string> _holes = [];
    private readonly List<string> _stuck = [];
    private readonly List<SkippedSection> _pending = [];
    private readonly bool _allOrNothing;
    private UInt128 _churn;
    private int _mapped;
    private int _unmapped;
    private bool _isCutShort;

    private ViewWork(ContainerContents contents, ViewTarget target, bool allOrNothing)
    {
        _contents = contents;
        _target = target;
        _allOrNothing = allOrNothing;
    }

    /// <summary>True while something is still to be mapped, or a vIOMMU's part of the view is still to be opened.</summary>
    public bool HasMore => _rest.Count > 0 || OpensHotWindows;

    /// <summary>The first RAM that could not be mapped; null while all could.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Sections that the container leaves out.</summary>
    public IEnumerable<SkippedSection> Skipped => _target.LeftOut.Select(left => new SkippedSection(left.Range, left.Name, left.Reason));

    /// <summary>RAM that is to be mapped and could not be.</summary>
    public IReadOnlyList<SkippedSection> Pending => _pending;

    /// <summary>Removals that failed, in words.</summary>
    public IReadOnlyList<string> Stuck => _stuck;

    private bool IsQemu => _contents.Mode == MappingPlanMode.Qemu;

    /// <summary>
    /// Plans a view and does its removals: what a vIOMMU mapped where it maps no longer, then what the view shows no longer,
    /// ascending. Its additions follow in slices, with them what a vIOMMU maps from now on, then <see cref="Report"/>.
    /// </summary>
    /// <param name="turn">The container.</param>
    /// <param name="contents">What the container shows.</param>
    /// <param name="view">The view.</param>
    /// <param name="allOrNothing">True to stop at the first RAM that cannot be mapped.</param>
    public static ViewWork Remove(ContainerTurn turn, ContainerContents contents, FlatView view, bool allOrNothing = false)
    {
        if (turn.IsEnding)
        {
            return Nothing(turn, contents);
        }

        var target = contents.Target(turn);
        var isInStep = contents.TakeStep(view);
        if (!isInStep)
        {
            // What a refused map may have left is in no table, so a plan from the table does not see it.
            turn.UnmapDoubted();
        }

        var former = target.HotSections;
        var change = target.Advance(view);
        var work = new ViewWork(contents, target, allOrNothing);
        if (!work.IsQemu)
        {
            // Before the plan, which fills what is free.
            work.CloseHotWindows(turn);
        }

        var plan = Plan(turn, target, change, isInStep, contents.Mode);
        work.Remove(turn, work.IsQemu ? Left(former, target.HotSections) : [], plan.Removals);
        work.Take(plan.Additions, plan.ChurnBytes);
        work.NoteWhatCannotBe(turn, plan, BlockedOf(plan, target));
        if (allOrNothing && work.Refusal is not null)
        {
            work._rest.Clear();
        }

        return work;
    }

    /// <summary>Plans a view and refuses it where its additions cannot be mapped; those that collide with nothing live follow in slices.</summary>
    public static ViewWork Prepare(ContainerTurn turn, ContainerContents contents, FlatView view)
    {
        if (turn.IsEnding)
        {
            return Nothing(turn, contents);
        }

        var target = contents.Target(turn);
        var shown = target.View;
        var wasInStep = contents.TakeStep(shown);
        var missing = target.Missing.ToList();
        var plan = Plan(turn, target, target.Advance(view), wasInStep, contents.Mode);
        var blocked = BlockedOf(plan, target);
        target.Advance(shown);
        missing.ForEach(left => target.LeaveOut(left.Section, left.Reason));

        // What a vIOMMU maps in is taken from it by the commit alone.
        var free = plan.AdditionsInFreeSpace(turn.Table).Where(addition => !turn.HotWindows.Overlaps(addition.Range));
        var work = new ViewWork(contents, target, allOrNothing: true);
        work.Take(free, churn: 0);
        work.NoteWhatCannotBe(turn, plan, blocked);
        if (work.Refusal is not null)
        {
            work._rest.Clear();
        }

        if (wasInStep)
        {
            contents.IsInStep(work.Refusal is null ? view : null);
        }

        return work;
    }

    /// <summary>Maps the next slice; the last one opens what a vIOMMU maps in.</summary>
    public void MapSlice(ContainerTurn turn)
    {
        MapRam(turn);
        if (_rest.Count == 0)
        {
            OpenHotWindows(turn);
        }
    }

    private void MapRam(ContainerTurn turn)
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
                if (map.Section.IsSkippable && IsWhole(turn.Table, map.Section))
                {
                    _target.TakeIn(map.Section);
                }
            }
            else if (map.Section.IsSkippable)
            {
                _target.LeaveOut(map.Section, $"PCI peer-to-peer transactions on BARs are not supported ({result})");
            }
            else
            {
                Failed(turn, map, result);
            }
        }
    }

    /// <summary>What was done, when nothing is left to be mapped.</summary>
    public ViewReport Report()
    {
        // QEMU: what failed is not tried again, so that the next change is what changes and no more.
        if (IsQemu ? !_isCutShort : _holes.Count == 0 && _stuck.Count == 0)
        {
            _contents.IsInStep();
        }

        return new(Generation: 0, _mapped, _unmapped, _churn, [.. Skipped], [.. _stuck, .. _holes]);
    }

    /// <summary>A container that closes takes nothing in, and what is left in it is its close's to unmap: no view is refused or has holes because of it.</summary>
    private static ViewWork Nothing(ContainerTurn turn, ContainerContents contents)
    {
        var target = contents.Target(turn);
        target.Advance(FlatView.Empty);
        return new ViewWork(contents, target, allOrNothing: false);
    }

    private static ulong SliceOf(PlannedMapping map) => map.Block.PageSize > 0x1000 ? SliceOfHugePages : SliceOfSmallPages;

    private void Take(IEnumerable<PlannedMapping> additions, UInt128 churn)
    {
        foreach (var addition in additions)
        {
            _rest.Enqueue(addition);
        }

        _churn = churn;
    }

    private static MappingPlan Plan(
        ContainerTurn turn, ViewTarget target, (IReadOnlyList<DmaSection> Removed, IReadOnlyList<DmaSection> Added) change, bool isInStep, MappingPlanMode mode)
    {
        var (removed, added) = change;
        var entries = turn.Table.Count + (turn.GetState().EntriesLeft ?? DefaultEntries);
        var rules = target.RulesFor(mode, entries, mode == MappingPlanMode.Qemu ? ValidIovaRanges.All : turn.Snapshot.Windows);
        return isInStep
            ? MappingPlan.ForChange(turn.Table, target.Sections, removed, mode == MappingPlanMode.Qemu ? added : [.. added, .. target.Missing.Select(left => left.Section)], rules)
            : MappingPlan.ForView(turn.Table, target.Sections, rules);
    }

    /// <summary>True when every byte of a section is mapped. Where a part of a BAR was mapped before, the parts beside it are mapped one by one.</summary>
    private static bool IsWhole(MappingTable table, DmaSection section)
    {
        var bytes = UInt128.Zero;
        foreach (var (range, mapping) in table.Overlapping(section.Range))
        {
            bytes += mapping.State == MappingState.Live && range.TryIntersect(section.Range, out var shared) ? shared.Length : 0;
        }

        return bytes == section.Range.Length;
    }

    /// <summary>What is blocked, with the section that wants it; asked while the target is what was planned.</summary>
    private static List<PlannedMapping> BlockedOf(MappingPlan plan, ViewTarget target)
    {
        var blocked = new List<PlannedMapping>();
        foreach (var range in plan.Blocked)
        {
            if (target.Sections.TryFind(range.Start, out _, out var section))
            {
                blocked.Add(new PlannedMapping(range, section));
            }
        }

        return blocked;
    }

    /// <summary>RAM outside the windows, and RAM where an unmap has not succeeded, is a hole; a BAR there is skipped.</summary>
    private void NoteWhatCannotBe(ContainerTurn turn, MappingPlan plan, IEnumerable<PlannedMapping> blocked)
    {
        foreach (var piece in plan.Outside.Where(piece => piece.Section.IsSkippable))
        {
            _target.LeaveOut(piece.Section, string.Join("; ", ConflictsOf(piece, turn.Regions)));
        }

        var critical = plan.Outside.Where(piece => !piece.Section.IsSkippable).SelectMany(piece => ConflictsOf(piece, turn.Regions)).ToList();
        if (critical.Count > 0)
        {
            _holes.AddRange(critical.Select(conflict => $"{conflict}."));
            _pending.AddRange(critical.Select(conflict => new SkippedSection(conflict.GuestRange, conflict.Region, conflict.ToString())));
            Refusal ??= new Refusal(RefusalReason.Conflict, string.Join("; ", critical), Errno.None, critical);
        }

        foreach (var (range, section) in blocked)
        {
            if (section.IsSkippable)
            {
                _target.LeaveOut(section, UnmapFailed);
                continue;
            }

            _pending.Add(new SkippedSection(range, section.Name, UnmapFailed));
            Hole($"{section.Name} at {range} cannot be mapped: an unmap there has failed, so devices may still reach what was there.", MapResult.Of(MapStatus.Tainted));
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

    /// <summary>Whose the mappings are where there is no room for more.</summary>
    private static string WhoHasThem(ContainerTurn turn)
    {
        var state = turn.GetState();
        var left = state.EntriesLeft is { } known ? $", and {known} are left" : string.Empty;
        return $": {state.Mappings - state.Hot} mappings are the view's, {state.Hot} the vIOMMU's{left}";
    }

    private void Hole(string words, MapResult result)
    {
        _holes.Add(words);
        Refusal ??= new Refusal(result.Errno.IsNone ? RefusalReason.Conflict : RefusalReason.Kernel, words, result.Errno);
    }

    private void Failed(ContainerTurn turn, PlannedMapping map, MapResult result)
    {
        _pending.Add(new SkippedSection(map.Range, map.Section.Name, result.ToString()));
        var words = $"{map.Section.Name} at {map.Range} could not be mapped: {result}{(result.Status == MapStatus.OutOfMappings ? WhoHasThem(turn) : string.Empty)}.";
        Hole(IsQemu && !result.Errno.IsNone ? QemuWords.Map(turn.Descriptor, map, result.Errno) : words, result);

        // QEMU: a first view is tried to its end before all is undone; RAM of a later view that fails ends the VM.
        _isCutShort = _allOrNothing != IsQemu;
        if (_isCutShort)
        {
            // What is mapped by now goes with the settlement that follows a refusal.
            _rest.Clear();
        }
    }
}
