using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>The members that are in a container, their open devices, and the view it shows. A thing stands here as long as its descriptor is open.</summary>
/// <param name="mode">How views become calls.</param>
/// <param name="backend">How members are closed.</param>
internal sealed class ContainerContents(MappingPlanMode mode, IContainerBackend backend)
{
    private readonly List<IContainerMember> _members = [];
    private readonly bool _takesBarsByFile = TakesBarsByFile(mode, backend);
    private ViewTarget _target = TargetFor(PageSizes.FourKiB, [], TakesBarsByFile(mode, backend));
    private FlatView? _prepared;
    private bool _isInStep = true;

    /// <summary>How views become calls.</summary>
    public MappingPlanMode Mode { get; } = mode;

    /// <summary>What is inside and open, by group.</summary>
    public IReadOnlyList<IContainerMember> Members => _members;

    /// <summary>The groups of the members, ascending.</summary>
    public IReadOnlyList<int> Groups => [.. _members.Select(member => member.Group).Distinct()];

    /// <summary>Open devices, by name.</summary>
    public SortedDictionary<string, (AssignedDevice Hardware, IContainerMember Member)> Devices { get; } = new(StringComparer.Ordinal);

    /// <summary>True once a view was mapped whole, so that the container serves devices.</summary>
    public bool IsFilled { get; set; }

    /// <summary>Enters a member, behind those of lower and equal groups.</summary>
    public void Add(IContainerMember member) =>
        _members.Insert(_members.FindLastIndex(other => other.Group <= member.Group) + 1, member);

    /// <summary>Strikes a member out, and closes it.</summary>
    public SysResult Close(IContainerMember member)
    {
        _members.Remove(member);
        return backend.CloseMember(member);
    }

    /// <summary>The member by which a device is, or would be, in; null for none.</summary>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device's name.</param>
    public IContainerMember? MemberOf(int group, string device) => _members.Find(member => member.Carries(group, device));

    /// <summary>What is to be mapped of the view, for a container as it is now.</summary>
    /// <param name="turn">The container.</param>
    public ViewTarget Target(ContainerTurn turn)
    {
        if (_target.Pages != turn.Snapshot.PageSizes || !_target.Holes.SequenceEqual(turn.UserHoles))
        {
            // Which BARs can be mapped, and where cuts are, depends on both.
            _isInStep &= _target.View.Count == 0;
            _target = TargetFor(turn.Snapshot.PageSizes, turn.UserHoles, _takesBarsByFile);
        }

        return _target;
    }

    /// <summary>
    /// True when the table is what the target says, so that a plan need only look at what changes; false from then on until
    /// <see cref="IsInStep"/> says so again, whatever becomes of the work in between.
    /// </summary>
    /// <param name="next">The view that is planned; what was prepared for it is no difference.</param>
    public bool TakeStep(FlatView next)
    {
        var isInStep = _isInStep && (_prepared is null || ReferenceEquals(_prepared, next));
        _isInStep = false;
        _prepared = null;
        return isInStep;
    }

    /// <summary>The table is what the target says, but for what the target knows to be missing.</summary>
    /// <param name="prepared">A view to come whose additions are mapped already; null when there is none.</param>
    public void IsInStep(FlatView? prepared = null) => (_isInStep, _prepared) = (true, prepared);

    // QEMU: tries a BAR by its address where there is no dma-buf, and is refused.
    private static bool TakesBarsByFile(MappingPlanMode mode, IContainerBackend backend) => backend.TakesBarsByFile && mode != MappingPlanMode.Qemu;

    private static ViewTarget TargetFor(PageSizes pages, IReadOnlyList<ReservedRegion> holes, bool takesBarsByFile) =>
        new(new SectionFilter((ulong)Environment.SystemPageSize, pages, takesBarsByFile), pages, holes);
}
