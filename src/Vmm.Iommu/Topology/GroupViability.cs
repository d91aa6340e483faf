namespace Vmm.Iommu.Topology;

/// <summary>Whether a group can be given to a VM, and which devices and drivers stand in the way. Pure.</summary>
/// <param name="Group">The group.</param>
/// <param name="InTheWay">Members whose drivers own the group's DMA; empty when the group is viable.</param>
public sealed record GroupViability(IommuGroupId Group, IReadOnlyList<HostDevice> InTheWay)
{
    /// <summary>True when no member's driver uses the DMA API.</summary>
    public bool IsViable => InTheWay.Count == 0;

    /// <summary>The refusal in the words that users search for, with devices and drivers; empty when viable.</summary>
    // QEMU: the first sentence and the hint keep its wording.
    public string Explanation => IsViable
        ? string.Empty
        : $"group {Group} is not viable: {string.Join(", ", InTheWay.Select(device => $"{device.Name} is bound to {device.Driver}"))}. "
            + "Please ensure all devices within the iommu_group are bound to their vfio bus driver.";

    /// <summary>Judges a group of a snapshot.</summary>
    /// <exception cref="ArgumentException">The snapshot has no such group.</exception>
    public static GroupViability Of(HostTopology topology, IommuGroupId group)
    {
        ArgumentNullException.ThrowIfNull(topology);
        if (!topology.TryGetGroup(group, out _))
        {
            throw new ArgumentException($"The host has no IOMMU group {group}.", nameof(group));
        }

        return new(group, [.. topology.DevicesOf(group).Where(device => device.Binding == DriverBinding.UsesDmaApi)]);
    }
}
