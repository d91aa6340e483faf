using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Topology;

/// <summary>Reads one group's directory.</summary>
internal sealed class SysfsGroupReading(SysfsAttributes sysfs)
{
    /// <summary>Where the groups are.</summary>
    public const string Root = "kernel/iommu_groups";

    /// <summary>Reads a group; members are the names of the devices that its links lead to.</summary>
    public IommuGroup Read(IommuGroupId id)
    {
        var path = $"{Root}/{id}";
        var entries = sysfs.Names($"{path}/devices");
        if (entries is null)
        {
            sysfs.Note($"{path}/devices", "is missing", "a group has a directory of its devices");
        }

        // KERNEL: on a clash of names an entry is called name.0; the device's own name is at the end of the link.
        var members = (entries ?? []).Select(entry => sysfs.LinkName($"{path}/devices/{entry}") ?? entry);
        return new(
            id,
            sysfs.Text($"{path}/type") ?? "unknown",
            sysfs.Text($"{path}/name"),
            [.. members.Order(StringComparer.Ordinal)],
            Regions(id, $"{path}/reserved_regions"));
    }

    private ReservedRegionsReading Regions(IommuGroupId id, string path)
    {
        if (sysfs.Text(path) is not { } text)
        {
            sysfs.Note(path, "cannot be had: the group's reserved regions are unknown", "a group has this file, empty when it has no regions");
            return ReservedRegionsReading.Unknown($"{path} cannot be read");
        }

        var regions = new List<ReservedRegion>();
        string? unknown = null;
        var lines = text.Length == 0 ? [] : text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (ReservedRegionLine.TryParse(lines[i], $"group {id}", path, out var region, out var wrong))
            {
                regions.Add(region);
                continue;
            }

            sysfs.Note(path, wrong, ReservedRegionLine.Form, i + 1);
            unknown ??= $"{path}:{i + 1}: {wrong}";
        }

        return new(new ReservedRegionSet(regions), unknown);
    }
}
