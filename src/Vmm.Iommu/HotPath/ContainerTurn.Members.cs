using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <content>Members, holes and the end.</content>
public sealed partial class ContainerTurn
{
    /// <summary>
    /// Puts a further member in. Its holes are tested against the mappings of this moment first, so that a refusal costs
    /// nothing; then the kernel attaches it, which tests the aperture and pins; then a new generation is published.
    /// </summary>
    /// <param name="member">The member; not in any container.</param>
    /// <param name="regions">Its reserved regions; empty where they are unknown and the kernel decides.</param>
    public AdmitOutcome Admit(IContainerMember member, IReadOnlyList<ReservedRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(regions);
        if (IsEnding)
        {
            return Refused(Errno.None, "the container is closing or closed.");
        }

        if (!KernelDecides && RefusalBeforeTheKernel(member, regions) is { } refused)
        {
            return refused;
        }

        var attached = _container.Attach(member);
        if (!attached.IsOk)
        {
            return Refused(attached.Errno, $"the kernel refused {member.Name}.");
        }

        _members.Add(new Inside(member, regions));
        if (KernelDecides)
        {
            return Done(CurrentInfo);
        }

        var info = _container.GetInfo();
        return info.IsOk ? Done(info.Value) : UndoAdmit(member, info.Errno);
    }

    /// <summary>
    /// Takes a member out; its devices are closed already. Before the last one leaves everything is unmapped, and when it has
    /// left the backend is gone: the container can only be closed then.
    /// </summary>
    /// <param name="member">A member inside.</param>
    public EvictOutcome Evict(IContainerMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (!_members.Exists(inside => inside.Member == member))
        {
            return new EvictOutcome(IsDone: false, Errno.None, $"{member.Name} is not in this container.", _isBackendGone, Unmapped: 0, _snapshot);
        }

        var isLast = _members.Count == 1;
        var unmapped = isLast ? UnmapWithin(IovaRange.All).Unmapped : 0;
        var left = Leave(member);
        if (!left.IsOk)
        {
            return new EvictOutcome(IsDone: false, left.Errno, WordsFor(member, left.Errno), IsBackendGone: false, unmapped, _snapshot);
        }

        if (isLast)
        {
            return new EvictOutcome(IsDone: true, Errno.None, "", IsBackendGone: true, unmapped, _snapshot);
        }

        if (KernelDecides)
        {
            Publish(CurrentInfo);
            return new EvictOutcome(IsDone: true, Errno.None, "", IsBackendGone: false, unmapped, _snapshot);
        }

        // After a detach the kernel allows what it allowed before, or more: where it does not answer, asked twice, the old windows are safe.
        var info = _container.GetInfo() is { IsOk: true } first ? first : _container.GetInfo();
        Publish(info.IsOk ? info.Value : CurrentInfo);
        var words = info.IsOk ? "" : "the windows stay as they were: the kernel does not say what holds now.";
        return new EvictOutcome(IsDone: true, info.Errno, words, IsBackendGone: false, unmapped, _snapshot);
    }

    /// <summary>True while a member is inside, also one that could not be taken out again.</summary>
    public bool Holds(IContainerMember member) => _members.Exists(inside => inside.Member == member);

    /// <summary>The reserved regions of every member inside, and the user's holes.</summary>
    public ReservedRegionSet Regions => new(_members.SelectMany(inside => inside.Regions).Concat(_userHoles));

    /// <summary>The holes that the user asked for.</summary>
    public IReadOnlyList<ReservedRegion> UserHoles => _userHoles;

    /// <summary>Changes the holes that the user asked for. The kernel knows nothing of them.</summary>
    /// <param name="holes">All of them, in place of those before; none may have a mapping in it.</param>
    public AdmitOutcome SetUserHoles(IReadOnlyList<ReservedRegion> holes)
    {
        ArgumentNullException.ThrowIfNull(holes);
        if (ConflictsOf(holes) is { Count: > 0 } conflicts)
        {
            return Refused(conflicts);
        }

        _userHoles = holes;
        return Done(CurrentInfo);
    }

    /// <summary>
    /// Changes the reserved regions of a member inside, as a device that joined it late brings them.
    /// KERNEL: a late member is attached without any test of its regions, so this is the only one.
    /// </summary>
    /// <param name="member">A member inside.</param>
    /// <param name="regions">All of the group's regions, in place of those before; no hole may have a mapping in it.</param>
    public AdmitOutcome SetRegions(IContainerMember member, IReadOnlyList<ReservedRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(regions);
        var at = _members.FindIndex(inside => inside.Member == member);
        if (at < 0)
        {
            return Refused(Errno.None, $"{member.Name} is not in this container.");
        }

        if (ConflictsOf(regions) is { Count: > 0 } conflicts)
        {
            return Refused(conflicts);
        }

        _members[at] = new Inside(member, regions);
        return Done(CurrentInfo);
    }

    /// <summary>
    /// Unmaps everything, takes every member out, closes the descriptor. What cannot be done is reported and kept, with its
    /// leases, and the same call later goes on from there; maps are refused from the first call on.
    /// </summary>
    public CloseOutcome Close()
    {
        _isClosing = true;
        var report = UnmapWithin(IovaRange.All);
        var (errno, words) = (report.FirstFailure.Errno, report.Failed == 0 ? "" : $"{report.Failed} mappings could not be unmapped. ");
        foreach (var (member, _) in _members.AsEnumerable().Reverse().ToList())
        {
            var left = Leave(member);
            if (!left.IsOk)
            {
                errno = errno.IsNone ? left.Errno : errno;
                words += WordsFor(member, left.Errno);
            }
        }

        if (_members.Count == 0 && !_isClosed)
        {
            var closed = _container.Close();
            _isClosed = true;
            errno = errno.IsNone ? closed.Errno : errno;
        }

        return new CloseOutcome(
            _isClosed, errno, words.TrimEnd(), report.Unmapped, Table.Count, [.. _members.Select(inside => inside.Member)]);
    }

    /// <summary>
    /// Ends a container that never came to serve a device: closes its descriptor and its members', and detaches nothing.
    /// QEMU: this is how it lets go when the first view cannot be mapped. The kernel then frees what is left.
    /// </summary>
    public CloseOutcome CloseWithoutDetach()
    {
        _isClosing = true;
        var errno = _container.Close().Errno;
        _isClosed = true;
        foreach (var (member, _) in _members)
        {
            var closed = member.Close();
            errno = errno.IsNone ? closed.Errno : errno;
        }

        _members.Clear();
        LetGo();
        return new CloseOutcome(IsClosed: true, errno, "", Unmapped: 0, Table.Count, []);
    }

    /// <summary>
    /// Detaches a member, and after the last one lets go of what the kernel let go of.
    /// A refusal is believed only while it is inside by the kernel's own word: a call may fail after its effect.
    /// </summary>
    private SysResult Leave(IContainerMember member)
    {
        var detached = _container.Detach(member);
        if (!detached.IsOk && member.GetIsInside() is not { IsOk: true, Value: false })
        {
            return detached;
        }

        _members.RemoveAll(inside => inside.Member == member);
        if (_members.Count == 0)
        {
            LetGo();
        }

        return SysResult.Ok;
    }

    /// <summary>
    /// KERNEL: the last legacy group takes the backend along, so nothing is mapped or pinned any more, dying or not. An IOAS
    /// keeps its mappings until it is destroyed, but no device sees them: memory may go.
    /// </summary>
    private void LetGo()
    {
        _isBackendGone = true;
        RemoveAll(IovaRange.All, Table.TryFirstOverlap(IovaRange.All, out var first) ? first : default);
        Publish(_info with { Windows = new ValidIovaRanges([]), EntriesLeft = 0 });
    }

    private AdmitOutcome? RefusalBeforeTheKernel(IContainerMember member, IReadOnlyList<ReservedRegion> regions)
    {
        if (regions.FirstOrDefault(region => region.ForbidsAssignment) is { } direct)
        {
            return Refused(Errno.None, $"{member.Name} cannot be assigned: firmware needs {direct.Range} mapped as it is for {direct.Owner}.");
        }

        return ConflictsOf(regions) is { Count: > 0 } conflicts ? Refused(conflicts) : null;
    }

    private AdmitOutcome UndoAdmit(IContainerMember member, Errno errno)
    {
        var words = $"{member.Name} is out again: the kernel does not say what its attach left of the windows.";
        var left = Leave(member);
        if (left.IsOk)
        {
            return Refused(errno, words);
        }

        // Inside and unknown: no window is certain, so none is published, and it counts as a member.
        Publish(CurrentInfo with { Windows = new ValidIovaRanges([]) });
        return Refused(errno, $"{member.Name} cannot be taken out again ({left.Errno}): nothing more may be mapped here.");
    }

    private List<ReservedConflict> ConflictsOf(IEnumerable<ReservedRegion> regions)
    {
        var conflicts = new List<ReservedConflict>();
        foreach (var region in regions)
        {
            if (region.IsHole && Table.TryFirstOverlap(region.Range, out var mapping))
            {
                conflicts.Add(new ReservedConflict(region, mapping.Range));
            }
        }

        return conflicts;
    }

    /// <summary>What the kernel said last, with the entries that maps have used since.</summary>
    private ContainerInfo CurrentInfo => _info with { EntriesLeft = _entriesLeft };

    private void Publish(ContainerInfo info)
    {
        var snapshot = Take(info, _snapshot.Generation + 1);

        // ORDERING: pairs with the read in Snapshot.
        Volatile.Write(ref _snapshot, snapshot);
    }

    /// <summary>Takes what the kernel says. Windows are the least of its and ours: it does not know the user's holes, nor a late member's.</summary>
    [MemberNotNull(nameof(_info))]
    private ContainerSnapshot Take(ContainerInfo info, long generation)
    {
        _info = info;
        _entriesLeft = info.EntriesLeft;
        _isCountedWhileDying |= Table.DyingCount > 0;
        _keptForViews = ((info.EntriesLeft ?? 0) + (uint)Table.Count) / PartKeptForViews;
        var regions = new ReservedRegionSet(_members.SelectMany(inside => inside.Regions).Concat(_userHoles));
        var windows = regions.CutFrom(_info.Windows ?? ValidIovaRanges.All);
        return new ContainerSnapshot(generation, windows, _info.Windows is not null, _info.PageSizes, _info.EntriesLeft);
    }

    private AdmitOutcome Done(ContainerInfo info)
    {
        Publish(info);
        return new AdmitOutcome(IsDone: true, Errno.None, "", [], _snapshot);
    }

    private AdmitOutcome Refused(Errno errno, string words) => new(IsDone: false, errno, words, [], _snapshot);

    private AdmitOutcome Refused(List<ReservedConflict> conflicts) =>
        new(IsDone: false, Errno.None, string.Join("; ", conflicts), conflicts, _snapshot);

    private static string WordsFor(IContainerMember member, Errno errno) => errno == Errno.EBUSY
        ? $"{member.Name} cannot leave while a device of it is open. "
        : $"{member.Name} cannot leave: {errno}. ";
}
