using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>What a container's actor has done in the turn of its ring. Every descriptor that is opened stands in the contents before anything else can fail.</summary>
internal static class ContainerWork
{
    /// <summary>What devices see of the views in use, by the smallest page and by how BARs are mapped: all that a filter goes by.</summary>
    private static readonly ConditionalWeakTable<FlatView, ConcurrentDictionary<(ulong Smallest, bool BarsByFile), IReadOnlyList<DmaSection>>> Filtered = [];

    /// <summary>Opens the container with its first group, and its ring. A refusal leaves no more open than the member.</summary>
    public static Refusal? Open(ContainerLedger ledger, VmmSettings settings, ContainerProtocol.Open open)
    {
        var isQemu = settings.Mode == MappingPlanMode.Qemu;
        var backend = ledger.Joining.Backend;
        if (!ledger.Joining.TryOpen(open.Group, open.Device, out var member, out var refusal)
            || !backend.TryOpenContainer(member, isQemu, out var container, out var info, out refusal))
        {
            return Refused(settings.Kernel, settings.Mode, open.Group.Id.Value, refusal);
        }

        // Only the kernel knows the aperture and how much it maps, so a view that does not fit is refused here: with nothing mapped yet.
        var policy = open.Policy with { EntriesOfNewContainer = info.EntriesLeft ?? open.Policy.EntriesOfNewContainer };
        if (!isQemu && JudgeNew(backend, open with { Policy = policy }, info.Windows, info.PageSizes) is AttachPlan.Refuse unfit)
        {
            var undone = CloseUnused(container, member, new ContainerRefusal(string.Empty, string.Empty, Errno.None, unfit.Reason));
            return Refused(unfit with { Reason = undone.Words });
        }

        var turn = new ContainerTurn(container, member, [.. open.Group.Reserved.Regions], info, open.Holes) { KernelDecides = isQemu };
        try
        {
            ledger.Ring = new ContainerRing(turn, settings.Workers, $"container-{ledger.Id}", settings.RingCapacity, settings.Meters);
        }
        catch (Exception fault)
        {
            // A ring without a worker, as when no thread can be had, would never let go of what is open here.
            var undone = CloseUnused(container, member, new ContainerRefusal("start", "the container's worker", Errno.None, fault.Message));
            return new Refusal(RefusalReason.Fault, undone.ToString());
        }

        ledger.Contents.Add(member);
        ledger.Joining.Taken();
        ledger.Groups = ledger.Contents.Groups;
        return null;
    }

    private static ContainerRefusal CloseUnused(IDmaContainer container, IContainerMember member, ContainerRefusal refusal) => refusal
        .AfterUndo("detach", container.Detach(member))
        .AfterUndo("close", container.Close());

    /// <summary>Takes a further group in; for one that is in already, what its late members brought is tested and published.</summary>
    public static (ContainerSnapshot Snapshot, Refusal? Refusal) Admit(
        ContainerTurn turn,
        ContainerLedger ledger,
        HostKernel kernel,
        ContainerProtocol.Admit admit)
    {
        if (turn.IsEnding)
        {
            return (turn.Snapshot, new Refusal(RefusalReason.Kernel, $"Container {ledger.Id} is closing and takes nothing in: attach again when it is closed."));
        }

        var contents = ledger.Contents;
        var isQemu = contents.Mode == MappingPlanMode.Qemu;
        if (!isQemu && Judge(turn, ledger, new ContainerProtocol.Judge(admit.Group, admit.View, admit.Policy)) is AttachPlan.Refuse doomed)
        {
            return (turn.Snapshot, Refused(doomed));
        }

        var regions = admit.Group.Reserved.Regions.ToList();
        if (contents.MemberOf(admit.Group.Id.Value, admit.Device.Name) is { } inside)
        {
            if (isQemu)
            {
                return (turn.Snapshot, null);
            }

            var changed = turn.SetRegions(inside, regions);
            return (changed.Snapshot, changed.IsDone ? null : Refused(admit.Group, changed));
        }

        if (!ledger.Joining.TryOpen(admit.Group, admit.Device, out var member, out var refusal))
        {
            return (turn.Snapshot, Refused(kernel, contents.Mode, admit.Group.Id.Value, refusal));
        }

        var before = turn.Snapshot.Windows;
        var admitted = turn.Admit(member, regions);
        var refused = admitted.IsDone ? OutUnlessAllowed(turn, member, before, admit.Policy) : Refused(admit.Group, admitted);
        if (turn.Holds(member))
        {
            // Also where it could not be taken out again: it leaves with the container.
            contents.Add(member);
            ledger.Joining.Taken();
        }

        return (turn.Snapshot, refused);
    }

    /// <summary>The kernel alone knows the group's aperture, so what the policy says of the windows is tested again with the group in.</summary>
    private static Refusal? OutUnlessAllowed(ContainerTurn turn, IContainerMember member, ValidIovaRanges before, AttachPolicy policy)
    {
        if (policy.WhyFixed(before, turn.Snapshot.Windows) is not { } why)
        {
            return null;
        }

        var evicted = turn.Evict(member);
        return new Refusal(RefusalReason.Policy, why).Leaving(evicted.IsDone ? [] : [evicted.Words]);
    }

    /// <summary>Gives the container other holes of the user; null when it has them.</summary>
    public static Refusal? SetHoles(ContainerTurn turn, IReadOnlyList<ReservedRegion> holes)
    {
        var set = turn.SetUserHoles(holes);
        if (set.IsDone)
        {
            return null;
        }

        var conflicts = set.Conflicts.Select(conflict => ConflictOf(turn, conflict)).ToList();
        return new Refusal(
            RefusalReason.Conflict,
            $"{string.Join("; ", conflicts)}; a hole is asked for before what lies in it is mapped, that is before the first device or the memory comes",
            Errno.None,
            conflicts);
    }

    private static Conflict ConflictOf(ContainerTurn turn, ReservedConflict found) =>
        turn.Table.TryFirstOverlap(found.Mapping, out var mapping)
            ? new Conflict(mapping.Range, mapping.Lease.Block!.Name, IsSkippable: false, found.Region.Kind, found.Region.Range, found.Region.Owner)
            : throw new InvalidOperationException($"{found.Mapping} was mapped a moment ago: the table was changed outside the turn.");

    /// <summary>Opens a device of a group that is in.</summary>
    public static (ContainerSnapshot Snapshot, AssignedDevice? Hardware, Refusal? Refusal) OpenDevice(
        ContainerTurn turn,
        ContainerContents contents,
        HostKernel kernel,
        ContainerProtocol.OpenDevice open)
    {
        if (contents.MemberOf(open.Group, open.Device) is not { } member)
        {
            return (turn.Snapshot, null, new Refusal(RefusalReason.Fault, $"Group {open.Group} of {open.Device} has left the container meanwhile: attach again."));
        }

        if (contents.Devices.TryGetValue(open.Device, out var former))
        {
            var holders = former.Hardware.Mapped.Select(bar => $"{bar.Block.Name}: {bar.Block.Leases} leases");
            return (turn.Snapshot, null, new Refusal(
                RefusalReason.AlreadyAttached, $"{open.Device} is still open, since its detach has not ended; held by {string.Join(", ", holders)}. Let go of that, then attach again."));
        }

        if (!AssignedDevice.TryOpen(kernel.Devices, kernel.Memory, member, open.Device, out var hardware, out var refusal))
        {
            return (turn.Snapshot, null, Refused(kernel, contents.Mode, open.Group, refusal));
        }

        contents.Devices.Add(open.Device, (hardware, member));
        return (turn.Snapshot, hardware, null);
    }

    /// <summary>Whether the container would take a group; changes nothing.</summary>
    public static AttachPlan Judge(ContainerTurn turn, ContainerLedger ledger, ContainerProtocol.Judge ask)
    {
        var state = turn.GetState();
        var candidate = Candidate(ledger.Joining.Backend.Kind, ledger.Id, turn.Snapshot, turn.Table, state.IsTainted ? $"an unmap of {state.TaintedAt} failed in it" : null);
        var sections = Sections(ledger.Joining.Backend, ask.View, turn.Snapshot.PageSizes, turn.UserHoles);
        return AttachPlan.For(Request(ledger.Joining.Backend.Kind, ask.Group, [candidate], sections, ask.Policy) with { Home = candidate.Id, Aperture = ask.Aperture });
    }

    /// <summary>What a new container would come to.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="open">The group, the view, and the containers that did not take it.</param>
    /// <param name="aperture">Where the container can map; null before it is open.</param>
    /// <param name="pages">Its page sizes; null before it is open.</param>
    public static AttachPlan JudgeNew(IContainerBackend backend, ContainerProtocol.Open open, ValidIovaRanges? aperture, PageSizes? pages = null) =>
        AttachPlan.For(Request(backend.Kind, open.Group, open.Rejected, Sections(backend, open.View, pages ?? PageSizes.FourKiB, open.Holes), open.Policy) with
        {
            Aperture = aperture,
            Reserved = open.Group.Reserved with { Regions = open.Group.Reserved.Regions.Union(new ReservedRegionSet(open.Holes)) },
        });

    /// <summary>A container as a plan sees it.</summary>
    public static ContainerCandidate Candidate(string kind, int container, ContainerSnapshot snapshot, MappingTable mappings, string? closed) =>
        new(Name(container), kind, snapshot.Windows, mappings, closed) { HasOnlyMediated = !snapshot.AreWindowsKnown };

    /// <summary>A container that has said no, as a plan sees it.</summary>
    public static ContainerCandidate Rejected(string kind, int container, ContainerSnapshot snapshot, string reason, IReadOnlyList<Conflict> conflicts) =>
        Candidate(kind, container, snapshot, new MappingTable(), closed: null) with
        {
            Verdict = new(Name(container), conflicts.Count > 0 ? "what is mapped there conflicts" : reason, conflicts),
        };

    /// <summary>A plan's refusal, in the plan's words.</summary>
    public static Refusal Refused(AttachPlan.Refuse plan)
    {
        var reason = plan.Cause switch
        {
            AttachRefusalCause.NotViable => RefusalReason.GroupNotViable,
            AttachRefusalCause.NoIommu => RefusalReason.NoGroup,
            AttachRefusalCause.Policy => RefusalReason.Policy,
            _ => RefusalReason.Conflict,
        };
        return new Refusal(reason, plan.Reason, Errno.None, plan.Conflicts);
    }

    /// <summary>What the container holds.</summary>
    public static ContainerReport Report(ContainerTurn turn, ContainerContents contents, ContainerLedger ledger)
    {
        var state = turn.GetState();
        var mappings = turn.Table.Select(mapping => new MappedRange(
            mapping.Range, mapping.Lease.Block!.Name, mapping.Offset, mapping.Access, mapping.State == MappingState.Dying)
        { IsHot = mapping.IsHot });
        return new ContainerReport(
            ledger.Id,
            turn.Snapshot with { EntriesLeft = state.EntriesLeft },
            contents.Groups,
            [.. contents.Devices.Keys],
            [.. mappings],
            ledger.Skipped,
            state.IsTainted ? $"An unmap of {state.TaintedAt} failed: {state.TaintedBy}." : ledger.Degraded)
        { Pending = ledger.Pending, KeptForViews = state.KeptForViews };
    }

    private static Refusal Refused(HostKernel kernel, MappingPlanMode mode, int group, ContainerRefusal refusal) => new(
        refusal.Words.Contains("not viable", StringComparison.Ordinal) ? RefusalReason.GroupNotViable : RefusalReason.Kernel,
        mode == MappingPlanMode.Qemu ? QemuWords.Of(refusal, group) : RefusalFacts.Explain(kernel, refusal).ToString(),
        refusal.Errno);

    private static string Name(int container) => $"container {container}";

    // The group was leased, and a lease is given to viable groups alone.
    private static AttachRequest Request(
        string kind, IommuGroup group, IReadOnlyList<ContainerCandidate> containers, IReadOnlyList<DmaSection> view, AttachPolicy policy) => new()
        {
            Viability = new GroupViability(group.Id, []),
            Reserved = group.Reserved,
            IsMediated = group.HasNoIommu,
            Kind = kind,
            Containers = containers,
            View = view,
            Policy = policy,
        };

    /// <summary>What a container of small pages maps of a view.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="view">The view.</param>
    /// <param name="holes">Holes that the user asked for.</param>
    public static IReadOnlyList<DmaSection> SectionsOf(IContainerBackend backend, FlatView view, IReadOnlyList<ReservedRegion> holes) => Sections(backend, view, PageSizes.FourKiB, holes);

    /// <summary>A view never changes, and each container that is asked and a new one are asked about the same one.</summary>
    private static IReadOnlyList<DmaSection> Sections(IContainerBackend backend, FlatView view, PageSizes pages, IReadOnlyList<ReservedRegion> holes)
    {
        var filtered = Filtered.GetOrCreateValue(view).GetOrAdd(
            (pages.Smallest, backend.TakesBarsByFile),
            static (key, asked) => new SectionFilter((ulong)Environment.SystemPageSize, asked.Pages, key.BarsByFile).Filter(asked.View),
            (View: view, Pages: pages));
        return CarvedSections.Of(filtered, holes, pages).Sections;
    }

    private static Refusal Refused(IommuGroup group, AdmitOutcome outcome) =>
        new(outcome.Conflicts.Count > 0 ? RefusalReason.Conflict : RefusalReason.Kernel, $"Group {group.Id}: {outcome.Words}{(outcome.Errno.IsNone ? string.Empty : $" {outcome.Errno}")}", outcome.Errno);
}
