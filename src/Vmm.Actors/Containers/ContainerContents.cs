using Vmm.Iommu.Containers;

namespace Vmm.Actors.Containers;

/// <summary>The groups that are in a container, and their open devices. A thing stands here as long as its descriptor is open.</summary>
internal sealed class ContainerContents
{
    /// <summary>Open groups, by number.</summary>
    public SortedDictionary<int, VfioGroup> Groups { get; } = [];

    /// <summary>Open devices, by name.</summary>
    public SortedDictionary<string, (AssignedDevice Hardware, int Group)> Devices { get; } = new(StringComparer.Ordinal);
}
