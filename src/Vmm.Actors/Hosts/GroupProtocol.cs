using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>Messages of a group's actor.</summary>
public static class GroupProtocol
{
    /// <summary>Lease the group. Answered to the sender by <see cref="Leased"/> or <see cref="HostProtocol.LeaseRefused"/>.</summary>
    /// <param name="Device">The device that is wanted.</param>
    /// <param name="Space">The space that wants it.</param>
    /// <param name="Keep">False to ask only.</param>
    public sealed record Lease(HostDevice Device, string Space, bool Keep);

    /// <summary>The group is the space's, for this device and others of it.</summary>
    /// <param name="Device">The device, as the topology has it.</param>
    /// <param name="Group">The group, with its reserved regions.</param>
    public sealed record Leased(HostDevice Device, IommuGroup Group);
}
