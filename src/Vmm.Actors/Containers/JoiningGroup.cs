using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>
/// The node of a group on its way into a container of a space: opened once, by the first container that would take it, and
/// handed from one that refuses to the next. Outlives the actors; a space attaches one device at a time, so there is one.
/// Touched by the container that was asked, and by the space when no container is.
/// </summary>
internal sealed class JoiningGroup
{
    private VfioGroup? _group;

    /// <summary>The group, opened if it is not yet.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="number">The group. The node of another one, which an attach that ended left here, is closed.</param>
    /// <param name="group">The open group; stays here until <see cref="Taken"/>.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    public bool TryOpen(IDevices devices, int number, [NotNullWhen(true)] out VfioGroup? group, [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        refusal = null;
        if (_group is { } other && other.Number != number)
        {
            Close();
        }

        group = _group;
        if (group is null && VfioGroup.TryOpen(devices, number, out group, out refusal))
        {
            _group = group;
        }

        return group is not null;
    }

    /// <summary>A container has the group in its contents now, and closes it.</summary>
    public void Taken() => _group = null;

    /// <summary>Closes a node that no container took.</summary>
    /// <returns>KERNEL: close gives the descriptor up before it reports, so an errno is told and keeps nothing.</returns>
    public SysResult Close()
    {
        var group = _group;
        _group = null;
        return group?.Close() ?? SysResult.Ok;
    }
}
