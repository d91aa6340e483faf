using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Topology;

/// <summary>The document of <c>vmm topology --json</c>; <c>docs/cli.md</c> describes it.</summary>
/// <param name="Host">The host as it was asked for.</param>
/// <param name="Iommus">Its IOMMUs, by name.</param>
/// <param name="Groups">Its IOMMU groups, by number.</param>
/// <param name="Ungrouped">Devices that no IOMMU stands in front of, by name.</param>
/// <param name="Problems">What is not right in its sysfs.</param>
internal sealed record TopologyDocument(
    string Host,
    IReadOnlyList<TopologyDocument.Iommu> Iommus,
    IReadOnlyList<TopologyDocument.Group> Groups,
    IReadOnlyList<TopologyDocument.Device> Ungrouped,
    IReadOnlyList<TopologyDocument.Problem> Problems)
{
    /// <summary>The document of a host.</summary>
    public static TopologyDocument Of(string host, HostTopology topology) => new(
        host,
        [.. topology.Iommus.Select(iommu => new Iommu(iommu.Name, iommu.Devices))],
        [.. topology.Groups.Select(group => GroupOf(topology, group))],
        [.. topology.Devices.Where(device => device.Group is null).Select(DeviceOf)],
        [.. topology.Problems.Select(problem => new Problem(problem.Path, problem.Line, problem.Wrong, problem.Right))]);

    private static Group GroupOf(HostTopology topology, IommuGroup group)
    {
        var use = GroupUse.Of(topology, group);
        return new Group(
            group.Id.Value,
            group.Type,
            group.Name,
            use.Verdict,
            use.Why,
            [.. topology.DevicesOf(group.Id).Select(DeviceOf)],
            new Reserved(group.Reserved.IsKnown, group.Reserved.WhyUnknown, [.. group.Reserved.Regions.Select(RegionOf)]),
            [.. RoutingHazard.Within(topology, group.Id).Select(hazard => new Hazard(hazard.Device.Name, Hex(hazard.Resource.Start), Hex(hazard.Resource.Last)))]);
    }

    private static Device DeviceOf(HostDevice device) => new(
        device.Name,
        device.Bus,
        device.PciClass is { } pciClass ? $"0x{pciClass:x6}" : null,
        DeviceClass.Of(device),
        device.Driver,
        device.DriverOverride,
        device.Iommu,
        device.MdevParent);

    private static Region RegionOf(ReservedRegion region) => new(
        ReservedRegionLine.WordOf(region.Kind),
        Hex(region.Range.Start.Value),
        Hex(region.Range.Last.Value),
        region.Owner,
        region.Source,
        RegionMeaning.Of(region.Kind));

    private static string Hex(ulong address) => $"0x{address:x}";

    /// <summary>An IOMMU.</summary>
    internal sealed record Iommu(string Name, IReadOnlyList<string> Devices);

    /// <summary>A group, and whether it can be given to a VM.</summary>
    internal sealed record Group(
        int Number,
        string Type,
        string? Name,
        GroupVerdict Verdict,
        string? Why,
        IReadOnlyList<Device> Devices,
        Reserved Reserved,
        IReadOnlyList<Hazard> RoutingHazards);

    /// <summary>A device.</summary>
    internal sealed record Device(
        string Name,
        string Bus,
        string? PciClass,
        string? ClassName,
        string? Driver,
        string? DriverOverride,
        string? Iommu,
        string? MdevParent);

    /// <summary>A group's reserved regions; not known is not none.</summary>
    internal sealed record Reserved(bool Known, string? WhyUnknown, IReadOnlyList<Region> Regions);

    /// <summary>A reserved region; both ends inclusive.</summary>
    internal sealed record Region(string Kind, string Start, string Last, string Owner, string Source, string Meaning);

    /// <summary>A peer's BAR that a switch may route to before the IOMMU; both ends inclusive.</summary>
    internal sealed record Hazard(string Device, string Start, string Last);

    /// <summary>Something that is not right in sysfs.</summary>
    internal sealed record Problem(string Path, int? Line, string Wrong, string Right);
}
