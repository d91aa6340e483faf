using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>Messages of a group's actor.</summary>
public static class GroupProtocol
{
    /// <summary>Lease the group. Answered to the sender by <see cref="Leased"/> or <see cref="HostProtocol.LeaseRefused"/>.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Device">The device that is wanted.</param>
    /// <param name="Space">The space that wants it.</param>
    /// <param name="Keep">False to ask only.</param>
    /// <param name="EvenIfNotViable">True to leave it to the kernel whether other members' drivers allow it.</param>
    public sealed record Lease(Guid Id, HostDevice Device, string Space, bool Keep, bool EvenIfNotViable);

    /// <summary>The group is the space's, for this device and others of it.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Device">The device, as the topology has it.</param>
    /// <param name="Group">The group, with its reserved regions.</param>
    public sealed record Leased(Guid Id, HostDevice Device, IommuGroup Group);

    /// <summary>A space keeps these groups alone. Follows every lease that the space asked for before. No answer.</summary>
    /// <param name="Groups">The groups.</param>
    /// <param name="Space">The space.</param>
    public sealed record Keep(IReadOnlyCollection<int> Groups, string Space);
}
