using Akka.Actor;
using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// What is done about a view's RAM before it is mapped where mapping pins: it is refused where it is certain that it may not be
/// locked, and has its pages populated by threads, which pinning would do one by one with the container's turn held.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="operation">Id of the operation that waits for it.</param>
internal sealed class RamStep(ISpace space, Guid operation)
{
    private IReadOnlyList<RamPiece> _pieces = [];
    private RamPopulation? _population;

    /// <summary>True while threads are at work; <see cref="RamPopulated"/> ends it.</summary>
    public bool IsUnderWay => _population is not null;

    // QEMU: every map is tried, whatever is known to stand against it.
    private bool IsQemu => space.Settings.Mode == MappingPlanMode.Qemu;

    /// <summary>Why pinning the RAM of a view is certain to fail; null where it is not.</summary>
    /// <param name="view">The view.</param>
    /// <param name="pinned">What is pinned of it already, and has been counted; null for nothing.</param>
    public Refusal? WhyNotLocked(FlatView view, FlatView? pinned = null)
    {
        if (IsQemu)
        {
            return null;
        }

        // KERNEL: type1 counts against what the process has locked, iommufd against what its user has.
        var countsLocked = space.Ledger.Joining.Backend.Kind == "type1";
        var (needed, counted) = (PinnedBytes(view), pinned is null ? UInt128.Zero : PinnedBytes(pinned));
        if (needed <= counted)
        {
            return null;
        }

        return LockedMemory.Refuse(ProcessRights.Read(space.Settings.Kernel.Proc), needed - counted, countsLocked) is { } refusal
            ? new Refusal(RefusalReason.LockedMemory, $"{refusal} Nothing was pinned.", refusal.Errno)
            : null;
    }

    /// <summary>Has populated what of a view is not known to be; false where there is nothing to do.</summary>
    /// <param name="view">The view.</param>
    /// <param name="most">Bytes that are not worth threads: they are pinned as they are.</param>
    public bool TryBegin(FlatView view, ulong most = 0)
    {
        if (IsQemu || !space.Settings.Populate)
        {
            return false;
        }

        var all = RamPieces.Of(SectionsOf(view));
        var lacking = RamPieces.Except(all, space.Ledger.Populated);
        _pieces = all;
        if (lacking.Aggregate(UInt128.Zero, (sum, piece) => sum + piece.Length) <= most)
        {
            space.Ledger.Populated = all;
            return false;
        }

        var self = space.Self;
        _population = new RamPopulation(
            space.Settings.Kernel.Memory, lacking, Progress(space.Settings.OnPopulated), outcome => self.Tell(new RamPopulated(operation, outcome)));
        space.Settings.Workers.Populate(_population);
        return true;
    }

    /// <summary>It has ended.</summary>
    /// <returns>Why the RAM cannot be pinned; null where it can.</returns>
    public Refusal? Ended(PopulationOutcome outcome)
    {
        _population = null;
        if (outcome.IsDone)
        {
            space.Ledger.Populated = _pieces;
            return null;
        }

        if (outcome.IsNotSupported)
        {
            space.Log.Warning("Space {0}: {1} It is pinned page by page instead, which takes longer.", space.Ledger.Name, outcome.Words);
            return null;
        }

        return new Refusal(RefusalReason.Kernel, outcome.Words, outcome.Errno);
    }

    /// <summary>No further slice is begun; the end is told as ever.</summary>
    public void Cancel() => _population?.Cancel();

    private UInt128 PinnedBytes(FlatView view) => RamPieces.PinnedBytes(SectionsOf(view));

    private IReadOnlyList<DmaSection> SectionsOf(FlatView view) => ContainerWork.SectionsOf(space.Ledger.Joining.Backend, view, space.Ledger.Rules.Regions);

    private Action<PopulationProgress>? Progress(Action<string, PopulationProgress>? told)
    {
        var name = space.Ledger.Name;
        return told is null ? null : progress => told(name, progress);
    }
}
