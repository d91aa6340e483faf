using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Drawing;

/// <summary>Makes a picture of what a VM holds and what its host reserves.</summary>
internal static class PictureOfState
{
    internal static SpacePicture Of(AddressSpaceState space, HostTopology? topology) =>
        new(space.Name, space.Generation, [.. space.Containers.Select(container => ContainerOf(container, topology))]);

    private static SpacePicture.Container ContainerOf(ContainerReport container, HostTopology? topology)
    {
        var groups = container.Groups
            .Select(number => topology is not null && topology.TryGetGroup(new IommuGroupId(number), out var group) ? group : null)
            .OfType<IommuGroup>()
            .ToList();
        var pages = container.Snapshot.PageSizes;
        return new($"container-{container.Id}", Members(container))
        {
            Mapped = [.. container.Mappings.Select(mapping => MappingOf(mapping, pages))],
            Skipped = [.. container.Skipped.Select(skip => new SpacePicture.Skip(skip.Range, skip.Name, skip.Reason))],
            Reserved = [.. groups.SelectMany(group => group.Reserved.Regions)],
            Windows = container.Snapshot.AreWindowsKnown ? container.Snapshot.Windows : null,
            Degraded = container.Degraded,
            Pages = pages,
            EntriesLeft = container.Snapshot.EntriesLeft,
            Hot = container.Hot,
            KeptForViews = container.KeptForViews,
            Remarks = [.. groups.Where(group => !group.Reserved.IsKnown).Select(group => $"unknown: reserved regions of group {group.Id}: {group.Reserved.WhyUnknown}")],
        };
    }

    // Where in the process a block lies says nothing of the guest: what its layout allows is told, as from a block that begins at a multiple of every page.
    private static SpacePicture.Mapping MappingOf(MappedRange mapping, PageSizes pages) =>
        new(mapping.Range, mapping.Block, mapping.Access, mapping.IsDying)
        {
            Offset = mapping.Offset,
            LargestPage = pages.LargestUsable(mapping.Range, mapping.Offset),
        };

    private static string Members(ContainerReport container) =>
        $"{Some(container.Groups.Count, "group")} {string.Join(", ", container.Groups)}; "
        + $"{Some(container.Devices.Count, "device")} {string.Join(", ", container.Devices)}";

    private static string Some(int count, string what) => count == 1 ? what : what + "s";
}
