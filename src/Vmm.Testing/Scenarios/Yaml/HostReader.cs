using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Scenarios.Yaml;

/// <summary>The host, and its changes.</summary>
internal static class HostReader
{
    private const int MostGroups = 1_000_000;
    private static readonly string[] Buses = ["pci", "platform", "amba", "cdx", "fsl-mc", "ap", "ccw"];
    private static readonly string[] Kinds = ["add", "remove", "bind", "unbind", "regions", "fail_domains"];

    internal static HostScript Read(YamlValue value)
    {
        var map = value.Map("capture", "kernel", "type1_v2", "no_iommu", "iommus", "devices", "drivers", "reserved", "links", "aperture", "entry_limit");
        return new HostScript
        {
            Capture = map.Find("capture") is { } capture ? Paths.Existing(capture) : null,
            Kernel = map.Find("kernel")?.Word([.. KernelPersonality.All.Select(linux => (linux.Name, linux))]) ?? KernelPersonality.Linux72,
            HasType1V2 = map.Find("type1_v2")?.Bool() ?? true,
            AllowsNoIommu = map.Find("no_iommu")?.Bool() ?? false,
            Iommus = [.. (map.Find("iommus")?.List("write a list of {name, aperture}") ?? []).Select(Iommu)],
            Devices = [.. (map.Find("devices")?.List("write a list of devices") ?? []).Select(Device)],
            Drivers = Drivers(map.Find("drivers")),
            Reserved = Reserved(map.Find("reserved")),
            Links = Links(map.Find("links")),
            Aperture = map.Find("aperture")?.Range(),
            EntryLimit = map.Find("entry_limit") is { } limit ? (uint)limit.Int(1, int.MaxValue) : null,
        };
    }

    internal static List<HostChange> Changes(YamlValue value)
    {
        var changes = value.OneOrList().Select(Change).ToList();
        return changes.Count > 0 ? changes : throw value.Error("no change", $"write at least one of {string.Join(", ", Kinds)}");
    }

    private static HostChange Change(YamlValue value)
    {
        var (kind, content) = value.Map(Kinds).One(Kinds);
        return kind switch
        {
            "add" => new HostChange.Add(Device(content)),
            "remove" => new HostChange.Remove(content.DeviceName()),
            "bind" => Bind(content.Map("device", "driver")),
            "unbind" => new HostChange.Unbind(content.DeviceName()),
            "regions" => GroupRegions(content.Map("group", "regions")),
            _ => FailDomains(content.Map("iommu", "errno", "times")),
        };
    }

    private static HostChange.FailDomains FailDomains(YamlMap map) => new(
        IommuName(map.Get("iommu", "its name in /sys/class/iommu")),
        map.Get("errno", "such as ENOMEM").Errno(),
        map.Find("times")?.Int(1, int.MaxValue) ?? 1);

    private static IommuScript Iommu(YamlValue value)
    {
        var map = value.Map("name", "aperture");
        return new IommuScript(IommuName(map.Get("name", "such as dmar1"))) { Aperture = map.Find("aperture")?.Range() };
    }

    private static string IommuName(YamlValue value)
    {
        const string Form = "write an IOMMU's name, such as dmar1";
        var name = value.Text(Form);
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') && char.IsAsciiLetter(name[0])
            ? name
            : throw value.Error($"'{name}' is no IOMMU", Form);
    }

    private static HostChange.Bind Bind(YamlMap map) =>
        new(map.Get("device", "its name in sysfs").DeviceName(), Driver(map.Get("driver", "such as vfio-pci")));

    private static HostChange.Reserve GroupRegions(YamlMap map) =>
        new(map.Get("group", "its number").Int(0, MostGroups), Regions(map.Get("regions", "a list")));

    private static DeviceScript Device(YamlValue value)
    {
        var map = value.Map("address", "bus", "group", "iommu", "conventional", "driver", "bars", "reserved");
        var bus = map.Find("bus")?.Word([.. Buses.Select(bus => (bus, bus))]) ?? "pci";
        var address = map.Get("address", "a PCI address");
        var group = map.Get("group", "its IOMMU group, or none");
        if (bus != "pci")
        {
            MustBePci(map, group);
        }

        return new DeviceScript(bus == "pci" ? address.PciAddress() : address.DeviceName(), Group(group))
        {
            Bus = bus,
            Iommu = map.Find("iommu") is { } iommu ? IommuName(iommu) : null,
            IsConventional = map.Find("conventional")?.Bool() ?? false,
            Driver = map.Find("driver") is { } driver ? Driver(driver) : null,
            Bars = map.Find("bars") is { } bars ? Bars(bars) : [],
            Reserved = map.Find("reserved") is { } regions ? Regions(regions) : [],
        };
    }

    private static void MustBePci(YamlMap map, YamlValue group)
    {
        if ((map.Find("bars") ?? map.Find("conventional")) is { } odd)
        {
            throw odd.Error("stands in a device that is no PCI function", "devices of other buses have a group, a driver and reserved regions");
        }

        if (Group(group) is null)
        {
            throw group.Error("a device of another bus than PCI without a group", "write its IOMMU group");
        }
    }

    private static int? Group(YamlValue value) => value.IsText && value.Text("a number") == "none" ? null : value.Int(0, MostGroups);

    private static List<ulong> Bars(YamlValue value)
    {
        var sizes = value.List("write sizes, such as [64KiB, 0, 1MiB]").Select(Bar).ToList();
        return sizes.Count <= 6 ? sizes : throw value.Error($"{sizes.Count} BARs", "a device has at most 6");
    }

    private static ulong Bar(YamlValue value)
    {
        var size = value.Number();
        return (size & (size - 1)) == 0 ? size : throw value.Error($"{size} bytes cannot be a BAR", "a BAR's size is a power of two, or 0 for none");
    }

    private static Dictionary<string, string> Drivers(YamlValue? value)
    {
        var drivers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (device, driver) in value?.Pairs("write a driver for each device") ?? [])
        {
            drivers.Add(device.DeviceName(), driver.Text("write a driver, or none") is "none" ? "" : Driver(driver));
        }

        return drivers;
    }

    private static string Driver(YamlValue value)
    {
        const string Form = "write a driver's name, such as vfio-pci";
        var name = value.Text(Form);
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : throw value.Error($"'{name}' is no driver", Form);
    }

    private static Dictionary<string, string> Links(YamlValue? value)
    {
        const string Form = "write a path below /sys, such as bus/pci/devices/0000:00:1e.0";
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, target) in value?.Pairs("write where each link leads") ?? [])
        {
            var at = path.Text(Form);
            links.Add(at.Split('/') is ["bus" or "class" or "devices" or "kernel", .., not ("." or ".." or "")] ? at : throw path.Error($"'{at}' is no place for a link", Form), target.Text("write where it leads"));
        }

        return links;
    }

    private static Dictionary<int, IReadOnlyList<RegionScript>> Reserved(YamlValue? value)
    {
        var regions = new Dictionary<int, IReadOnlyList<RegionScript>>();
        foreach (var (group, list) in value?.Pairs("write a list of regions for each group") ?? [])
        {
            regions.Add(group.Int(0, MostGroups), Regions(list));
        }

        return regions;
    }

    private static List<RegionScript> Regions(YamlValue value) => [.. value.List("write a list of {kind, range}").Select(Region)];

    private static RegionScript Region(YamlValue value)
    {
        var map = value.Map("kind", "range");
        return new RegionScript(
            map.Get("kind", "msi, reserved, direct or direct-relaxable").Word(
                ("msi", ReservedRegionKind.Msi),
                ("reserved", ReservedRegionKind.Reserved),
                ("direct", ReservedRegionKind.Direct),
                ("direct-relaxable", ReservedRegionKind.DirectRelaxable)),
            map.Get("range", "START-LAST").Range());
    }
}
