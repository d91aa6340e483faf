using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>
/// A group or device on its way into a container of a space: opened once, by the first container that would take it, and
/// handed from one that refuses to the next. Outlives the actors; a space attaches one device at a time, so there is one.
/// Touched by the container that was asked, and by the space when no container is.
/// </summary>
/// <param name="backend">Opens it.</param>
internal sealed class JoiningMember(IContainerBackend backend)
{
    private IContainerMember? _member;

    /// <summary>How members and containers are opened.</summary>
    public IContainerBackend Backend { get; } = backend;

    /// <summary>What joins, opened if it is not yet.</summary>
    /// <param name="group">The group.</param>
    /// <param name="device">The device of the group. What an attach of another one left here when it ended is closed.</param>
    /// <param name="member">What joins; stays here until <see cref="Taken"/>.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    public bool TryOpen(
        IommuGroup group,
        HostDevice device,
        [NotNullWhen(true)] out IContainerMember? member,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        refusal = null;
        if (_member is { } other && !other.Carries(group.Id.Value, device.Name))
        {
            Close();
        }

        member = _member;
        if (member is null && Backend.TryOpenMember(group, device, out member, out refusal))
        {
            _member = member;
        }

        return member is not null;
    }

    /// <summary>A container has it in its contents now, and closes it.</summary>
    public void Taken() => _member = null;

    /// <summary>Closes what no container took.</summary>
    /// <returns>KERNEL: close gives the descriptor up before it reports, so an errno is told and keeps nothing.</returns>
    public SysResult Close()
    {
        var member = _member;
        _member = null;
        return member is null ? SysResult.Ok : Backend.CloseMember(member);
    }
}
