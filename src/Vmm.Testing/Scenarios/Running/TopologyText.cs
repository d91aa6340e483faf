using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Compares groups of the host with what is expected of them.</summary>
internal static class TopologyText
{
    internal static IEnumerable<Mismatch> Unmet(HostTopology? topology, GroupExpectation expect)
    {
        var id = new IommuGroupId(expect.Group);
        if (topology is null || !topology.TryGetGroup(id, out var group))
        {
            return [new Mismatch($"topology.{expect.Group}", "a group", "no such group")];
        }

        var viability = GroupViability.Of(topology, id);
        return new[]
        {
            Each(expect, "regions", expect.Regions, [.. group.Reserved.Regions.Select(Of)]),
            Each(expect, "unknown", expect.Unknown is { } why ? [why] : null, [group.Reserved.WhyUnknown ?? ""]),
            Each(expect, "devices", expect.Devices, [.. topology.DevicesOf(id).Select(device => $"{device.Name} on {device.Bus}, driver {device.Driver ?? "none"}")]),
            Each(expect, "viable", expect.IsViable is { } viable ? [viable ? "is viable" : "is not viable"] : null, [viability.IsViable ? "is viable" : viability.Explanation]),
            Each(expect, "hazards", expect.Hazards, [.. RoutingHazard.Within(topology, id).Select(hazard => $"{hazard.Device.Name} 0x{hazard.Resource.Start:x}-0x{hazard.Resource.Last:x}")]),
        }.OfType<Mismatch>();
    }

    private static string Of(ReservedRegion region) => $"{region.Range} {ReservedRegionLine.WordOf(region.Kind)} of {region.Owner} from {region.Source}";

    // An empty expectation of one line means that the line is empty.
    private static Mismatch? Each(GroupExpectation group, string key, IReadOnlyList<string>? expected, IReadOnlyList<string> found) =>
        expected is null || (expected.Count == found.Count && expected.Zip(found).All(pair => pair.First.Length == 0 ? pair.Second.Length == 0 : pair.Second.Contains(pair.First, StringComparison.Ordinal)))
            ? null
            : new Mismatch($"topology.{group.Group}.{key}", expected, found);
}
