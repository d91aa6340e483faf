namespace Vmm.Lab.Histories;

/// <summary>What a history can name on a machine: the groups that VFIO shows, in the order of their numbers.</summary>
/// <param name="Groups">The groups.</param>
internal sealed record MachineShape(IReadOnlyList<GroupShape> Groups)
{
    /// <summary>Every device, in the order of the groups.</summary>
    public IReadOnlyList<DeviceShape> Devices { get; } = [.. Groups.SelectMany(group => group.Devices)];
}

/// <summary>A group that VFIO shows.</summary>
/// <param name="Node">Its node: <c>/dev/vfio/6</c>.</param>
/// <param name="IsMediated">True for a mediated device's group.</param>
/// <param name="IsViable">False when a driver of the host owns its DMA.</param>
/// <param name="Devices">Those that are bound to VFIO.</param>
internal sealed record GroupShape(string Node, bool IsMediated, bool IsViable, IReadOnlyList<DeviceShape> Devices)
{
    /// <summary>True for a group without an IOMMU.</summary>
    public bool IsUnprotected => Node.StartsWith("/dev/vfio/noiommu-", StringComparison.Ordinal);
}

/// <summary>A device that is bound to VFIO.</summary>
/// <param name="Name">What it is called on its bus.</param>
/// <param name="CharacterDevice">Its own node, such as <c>/dev/vfio/devices/vfio0</c>; null where there is none.</param>
/// <param name="IsSlowToOpen">True when opening resets it, which takes long.</param>
internal sealed record DeviceShape(string Name, string? CharacterDevice, bool IsSlowToOpen);
