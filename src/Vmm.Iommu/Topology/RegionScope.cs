using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Topology;

/// <summary>
/// Where on a host the same region is reserved. The interrupt window is the same for every group; a range that one host bridge
/// or one device brings is in its own groups alone, so that a device of another group may be the cure.
/// </summary>
/// <param name="Groups">The groups that reserve it, ascending.</param>
/// <param name="IsGlobal">True when every group with an IOMMU reserves it.</param>
public sealed record RegionScope(IReadOnlyList<IommuGroupId> Groups, bool IsGlobal)
{
    /// <summary>Looks for a region in all groups of a host.</summary>
    /// <param name="topology">The host.</param>
    /// <param name="kind">The region's kind.</param>
    /// <param name="range">The region's range; another group's counts when it is the same.</param>
    public static RegionScope Of(HostTopology topology, ReservedRegionKind kind, Addressing.IovaRange range)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var translated = topology.Groups.Where(group => !group.HasNoIommu).ToList();
        var groups = translated
            .Where(group => group.Reserved.Regions.Any(region => region.Kind == kind && region.Range == range))
            .Select(group => group.Id)
            .ToList();
        return new(groups, groups.Count > 1 && groups.Count == translated.Count);
    }

    /// <summary>In words, such as <c>in every group of this host</c>.</summary>
    public override string ToString() => (IsGlobal, Groups.Count) switch
    {
        (true, _) => "in every group of this host",
        (_, 0) => "in no group of this host",
        (_, 1) => $"in group {Groups[0]} alone",
        _ => $"in groups {string.Join(", ", Groups)}",
    };
}
