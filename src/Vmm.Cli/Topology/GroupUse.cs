using Vmm.Iommu.Topology;

namespace Vmm.Cli.Topology;

/// <summary>What can be done with a group, and why not.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Why">What stands in the way or is missing, and the cure; null when it is ready.</param>
internal sealed record GroupUse(GroupVerdict Verdict, string? Why)
{
    /// <summary>Judges a group.</summary>
    public static GroupUse Of(HostTopology topology, IommuGroup group)
    {
        if (group.Reserved.Regions.Forbidding.FirstOrDefault() is { } direct)
        {
            return new(
                GroupVerdict.Unusable,
                $"group {group.Id} cannot be assigned: firmware needs {direct.Range} mapped 1:1 (direct, {direct.Owner}); assign a device of another group");
        }

        var viability = GroupViability.Of(topology, group.Id);
        if (!viability.IsViable)
        {
            return new(GroupVerdict.NotViable, viability.Explanation);
        }

        return topology.DevicesOf(group.Id).Any(device => device.Binding == DriverBinding.Vfio)
            ? new(GroupVerdict.Ready, null)
            : new(GroupVerdict.Viable, $"group {group.Id} has no device bound to VFIO; bind one to vfio-pci to use it");
    }
}
