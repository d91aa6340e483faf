using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Topology;

/// <summary>
/// Reads a host's groups, devices and IOMMUs from sysfs. Follows no link twice, so loops end; what is missing or wrong
/// becomes a problem of the snapshot and never an exception. No driver need be bound.
/// </summary>
/// <param name="sysfs">The tree.</param>
public sealed class SysfsTopologyReader(ISysfs sysfs)
{
    private const string Buses = "bus";
    private const string Iommus = "class/iommu";

    /// <summary>Takes a snapshot.</summary>
    /// <param name="sequence">Its number: above that of the snapshot before.</param>
    public HostTopology Read(long sequence)
    {
        var attributes = new SysfsAttributes(sysfs);
        var devices = new Dictionary<string, HostDevice>(StringComparer.Ordinal);
        ReadBuses(attributes, devices);
        var groups = ReadGroups(attributes, devices);
        CheckGroupsOf(attributes, devices.Values, groups);
        var iommus = (attributes.Names(Iommus) ?? []).Select(name => new HostIommu(name, attributes.Names($"{Iommus}/{name}/devices") ?? []));
        return new(sequence, groups, devices.Values, [.. iommus], attributes.Problems);
    }

    private static void ReadBuses(SysfsAttributes attributes, Dictionary<string, HostDevice> devices)
    {
        var buses = attributes.Names(Buses);
        if (buses is null)
        {
            attributes.Note(Buses, "is missing", "a sysfs tree has this directory");
        }

        var reading = new SysfsDeviceReading(attributes);
        foreach (var bus in buses ?? [])
        {
            foreach (var name in attributes.Names($"{Buses}/{bus}/devices") ?? [])
            {
                // Other buses list everything from CPUs to clocks; what concerns an IOMMU has a group.
                var entry = $"{Buses}/{bus}/devices/{name}";
                if ((bus is "pci" or "mdev" || attributes.LinkName($"{entry}/iommu_group") is not null)
                    && reading.Read(bus, name, entry) is { } device
                    && !devices.TryAdd(name, device))
                {
                    attributes.Note(entry, $"bus {devices[name].Bus} has a device of this name too", "one name stands for one device");
                }
            }
        }
    }

    private static List<IommuGroup> ReadGroups(SysfsAttributes attributes, Dictionary<string, HostDevice> devices)
    {
        var names = attributes.Names(SysfsGroupReading.Root);
        if (names is null)
        {
            attributes.Note(SysfsGroupReading.Root, "is missing", "a host with IOMMU support has this directory, empty when no IOMMU is on");
        }

        var groups = new List<IommuGroup>();
        var reading = new SysfsGroupReading(attributes);
        foreach (var name in names ?? [])
        {
            if (IommuGroupId.TryParse(name, out var id))
            {
                groups.Add(reading.Read(id));
                ReadMembersOfNoBus(attributes, groups[^1], devices);
            }
            else
            {
                attributes.Note($"{SysfsGroupReading.Root}/{name}", $"\"{name}\" is no group number", "a group's name is a number without leading zeros");
            }
        }

        return groups;
    }

    /// <summary>A member that no bus listed is read through its group; its bus is what it says itself.</summary>
    private static void ReadMembersOfNoBus(SysfsAttributes attributes, IommuGroup group, Dictionary<string, HostDevice> devices)
    {
        var reading = new SysfsDeviceReading(attributes);
        foreach (var member in group.Members)
        {
            var entry = $"{SysfsGroupReading.Root}/{group.Id}/devices/{member}";
            if (!devices.ContainsKey(member)
                && reading.Read(attributes.LinkName($"{entry}/subsystem") ?? "unknown", member, entry) is { } device)
            {
                devices.Add(member, device);
            }
        }
    }

    private static void CheckGroupsOf(SysfsAttributes attributes, IEnumerable<HostDevice> devices, List<IommuGroup> groups)
    {
        var members = groups.SelectMany(group => group.Members.Select(name => (name, group.Id))).ToHashSet();
        foreach (var device in devices)
        {
            if (device.Group is { } id && !members.Contains((device.Name, id)))
            {
                attributes.Note($"{device.Path}/iommu_group", $"leads to group {id}, which does not list the device", "group and device name each other");
            }
        }
    }
}
