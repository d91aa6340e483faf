using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Drawing;

/// <summary>Makes a picture of what a VM holds and what its host reserves.</summary>
internal static class PictureOfState
{
    internal static SpacePicture Of(AddressSpaceState space, HostTopology? topology) =>
        new(space.Name, space.Generation, [.. space.Containers.Select(container => ContainerOf(container, topology))]);

    private static SpacePicture.Container ContainerOf(ContainerReport container, HostTopology? topology) =>
        new($"container-{container.Id}", Members(container))
        {
            Mapped = Joined(container.Mappings),
            Skipped = [.. container.Skipped.Select(skip => new SpacePicture.Skip(skip.Range, skip.Name, skip.Reason))],
            Reserved = [.. container.Groups.SelectMany(group => RegionsOf(group, topology))],
            Windows = container.Snapshot.AreWindowsKnown ? container.Snapshot.Windows : null,
            Degraded = container.Degraded,
        };

    private static string Members(ContainerReport container) =>
        $"{Some(container.Groups.Count, "group")} {string.Join(", ", container.Groups)}; "
        + $"{Some(container.Devices.Count, "device")} {string.Join(", ", container.Devices)}";

    private static string Some(int count, string what) => count == 1 ? what : what + "s";

    private static ReservedRegionSet RegionsOf(int group, HostTopology? topology) =>
        topology is not null && topology.TryGetGroup(new IommuGroupId(group), out var found) ? found.Reserved.Regions : ReservedRegionSet.Empty;

    /// <summary>Where a plan cuts a mapping matters to nobody who looks at a picture.</summary>
    private static List<SpacePicture.Mapping> Joined(IEnumerable<MappedRange> mappings)
    {
        var joined = new List<SpacePicture.Mapping>();
        MappedRange? before = null;
        foreach (var mapping in mappings)
        {
            if (before is not null && Continues(before, mapping))
            {
                joined[^1] = joined[^1] with { Range = new IovaRange(joined[^1].Range.Start, mapping.Range.Last) };
            }
            else
            {
                joined.Add(new SpacePicture.Mapping(mapping.Range, mapping.Block, mapping.Access, mapping.IsDying));
            }

            before = mapping;
        }

        return joined;
    }

    private static bool Continues(MappedRange before, MappedRange next) =>
        before.Range.IsFollowedBy(next.Range)
        && before.Block == next.Block
        && before.Access == next.Access
        && before.IsDying == next.IsDying
        && before.Offset + (ulong)before.Range.Length == next.Offset;
}
