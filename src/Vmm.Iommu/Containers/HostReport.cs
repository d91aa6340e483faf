using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>What a host offers for assigning devices, found by <see cref="HostProbe"/>. Immutable.</summary>
public sealed record HostReport
{
    /// <summary>The kernel's release; null where it is not to be read.</summary>
    public required string? Release { get; init; }

    /// <summary>Names of the IOMMUs.</summary>
    public required IReadOnlyList<string> Iommus { get; init; }

    /// <summary>How many IOMMU groups there are.</summary>
    public required int Groups { get; init; }

    /// <summary>The container node.</summary>
    public required NodeAnswer Container { get; init; }

    /// <summary>The version of VFIO's API; an errno where it is not told, EBADF where the node does not open.</summary>
    public required SysResult ApiVersion { get; init; }

    /// <summary>What the container says of each backend and feature, before a group is in it.</summary>
    public required IReadOnlyList<Extension> Extensions { get; init; }

    /// <summary>The node of iommufd.</summary>
    public required NodeAnswer Iommufd { get; init; }

    /// <summary>Whether an address space can be allocated in it; EBADF where the node does not open.</summary>
    public required Errno IoasAlloc { get; init; }

    /// <summary>The nodes of groups, by number.</summary>
    public required IReadOnlyList<GroupNode> GroupNodes { get; init; }

    /// <summary>The nodes of single devices for iommufd, by number.</summary>
    public required IReadOnlyList<DeviceNode> DeviceNodes { get; init; }

    /// <summary>What this process may lock and do.</summary>
    public required ProcessRights Rights { get; init; }

    /// <summary>Parameters of VFIO's modules.</summary>
    public required ModuleParameters Parameters { get; init; }

    /// <summary>KVM.</summary>
    public required NodeAnswer Kvm { get; init; }

    /// <summary>An extension of the container, and what it answers: positive for yes.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Name">Its name, such as <c>type1v2</c>.</param>
    /// <param name="Answer">The answer.</param>
    public sealed record Extension(int Number, string Name, SysResult Answer)
    {
        /// <summary>True for yes.</summary>
        public bool IsThere => Answer is { IsOk: true, Value: > 0 };
    }

    /// <summary>The node of a group.</summary>
    /// <param name="Number">The group.</param>
    /// <param name="Node">Whether it opens.</param>
    /// <param name="Devices">Its members that are bound to VFIO.</param>
    /// <param name="Status">What the kernel says of it; null where it was not opened.</param>
    /// <param name="InTheWay">Members, with drivers, that own its DMA: <c>0000:00:1f.2 (ahci)</c>.</param>
    /// <param name="HasIommu">False for a group that VFIO made for a device without an IOMMU.</param>
    public sealed record GroupNode(
        int Number, NodeAnswer Node, IReadOnlyList<string> Devices, SysResult<VfioGroupStatus>? Status, IReadOnlyList<string> InTheWay, bool HasIommu)
    {
        /// <summary>True when a device of it can be assigned by it.</summary>
        public bool IsReady => Node.IsOk && Status is { IsOk: true, Value: { IsViable: true, HasContainer: false } };
    }

    /// <summary>The node of a device.</summary>
    /// <param name="Device">The device's name.</param>
    /// <param name="Node">Whether it opens.</param>
    /// <param name="Group">Its group; null where sysfs does not tell.</param>
    public sealed record DeviceNode(string Device, NodeAnswer Node, int? Group);
}
