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
/// What is done about a view's RAM before a new container is filled with it: it is refused where it is certain that it may not be
/// locked, and has its pages populated by threads, which pinning would do one by one with the container's turn held.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="attach">Id of the attach.</param>
internal sealed class RamStep(ISpace space, Guid attach)
{
    private IReadOnlyList<RamPiece> _pieces = [];
    private RamPopulation? _population;

    /// <summary>True while threads are at work; <see cref="RamPopulated"/> ends it.</summary>
    public bool IsUnderWay => _population is not null;

    // QEMU: every map is tried, whatever is known to stand against it.
    private bool IsQemu => space.Settings.Mode == MappingPlanMode.Qemu;

    /// <summary>Why pinning the RAM is certain to fail; null where it is not.</summary>
    public Refusal? WhyNotLocked()
    {
        if (IsQemu)
        {
            return null;
        }

        // KERNEL: type1 counts against what the process has locked, iommufd against what its user has.
        var countsLocked = space.Ledger.Joining.Backend.Kind == "type1";
        var needed = RamPieces.PinnedBytes(ContainerWork.SectionsOf(space.Ledger.Joining.Backend, space.Ledger.View, space.Ledger.Rules.Regions));
        return LockedMemory.Refuse(ProcessRights.Read(space.Settings.Kernel.Proc), needed, countsLocked) is { } refusal
            ? new Refusal(RefusalReason.LockedMemory, $"{refusal} Nothing was pinned.", refusal.Errno)
            : null;
    }

    /// <summary>Has populated what is not known to be; false where there is nothing to do.</summary>
    public bool TryBegin()
    {
        if (IsQemu || !space.Settings.Populate)
        {
            return false;
        }

        var all = RamPieces.Of(ContainerWork.SectionsOf(space.Ledger.Joining.Backend, space.Ledger.View, space.Ledger.Rules.Regions));
        space.Ledger.Populated.IntersectWith(all);
        _pieces = [.. all.Where(piece => !space.Ledger.Populated.Contains(piece))];
        if (_pieces.Count == 0)
        {
            return false;
        }

        var self = space.Self;
        _population = new RamPopulation(
            space.Settings.Kernel.Memory, _pieces, Progress(space.Settings.OnPopulated), outcome => self.Tell(new RamPopulated(attach, outcome)));
        space.Settings.Workers.Populate(_population);
        return true;
    }

    /// <summary>It has ended.</summary>
    /// <returns>Why the attach cannot go on; null where it can.</returns>
    public Refusal? Ended(PopulationOutcome outcome)
    {
        _population = null;
        if (outcome.IsDone)
        {
            space.Ledger.Populated.UnionWith(_pieces);
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

    private Action<PopulationProgress>? Progress(Action<string, PopulationProgress>? told)
    {
        var name = space.Ledger.Name;
        return told is null ? null : progress => told(name, progress);
    }
}
