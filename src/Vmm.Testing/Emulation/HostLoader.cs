using System.Globalization;
using System.Text.RegularExpressions;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Emulation;

/// <summary>Makes a host of a captured sysfs. Strict: what contradicts itself is refused, with its place.</summary>
internal sealed partial class HostLoader(string source, SysfsTree tree)
{
    private const string GroupsPath = "kernel/iommu_groups";
    private readonly EmulatedHost _host = new(tree);

    public EmulatedHost Load()
    {
        if (!tree.Has(GroupsPath))
        {
            throw Refuse(GroupsPath, "is missing", "a capture has /sys/kernel/iommu_groups, below sys/ or not");
        }

        foreach (var name in tree.Names(GroupsPath))
        {
            LoadGroup(name);
        }

        foreach (var bus in (string[])["pci", "mdev"])
        {
            foreach (var name in tree.Names($"bus/{bus}/devices"))
            {
                LoadDevice(bus, name);
            }
        }

        foreach (var group in _host.Groups)
        {
            CheckMembers(group);
        }

        foreach (var device in _host.Devices)
        {
            _host.AdoptDriver(device);
        }

        return _host;
    }

    [GeneratedRegex(@"^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PciName();

    private static IEnumerable<(string Line, int Number)> Lines(string text) =>
        text.Split('\n').Select((line, index) => (line, index + 1)).Where(pair => pair.line.Length > 0);

    private HostLoadException Refuse(string place, string wrong, string right) => HostLoadException.At(source, place, wrong, right);

    private void LoadGroup(string name)
    {
        var path = $"{GroupsPath}/{name}";
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id.ToString(CultureInfo.InvariantCulture) != name)
        {
            throw Refuse(path, "is not the number of a group", "groups are called 0, 1, 2…");
        }

        if (!tree.Has($"{path}/devices"))
        {
            throw Refuse($"{path}/devices", "is missing", "each group has a directory of links to its devices");
        }

        var members = tree.Names($"{path}/devices");
        var type = tree.TextOrNull($"{path}/type") ?? "unknown";
        var isEmulated = members.Count > 0 && members.All(member => Guid.TryParseExact(member, "D", out _));
        var isUnprotected = members.Count > 0 && !isEmulated && tree.TextOrNull($"{path}/name") == "vfio-noiommu";
        var group = new EmulatedGroup(id, isEmulated, type, isUnprotected) { Reserved = ReadReserved(id, path, isEmulated) };
        _host.Register(group);
    }

    private List<ReservedRegion> ReadReserved(int id, string path, bool isEmulated)
    {
        var file = $"{path}/reserved_regions";
        if (tree.Find(file).Value?.Text is not { } text)
        {
            return isEmulated ? [] : throw Refuse(file, "is missing", "Linux gives each group that file, empty where nothing is reserved");
        }

        var regions = new List<ReservedRegion>();
        foreach (var (line, number) in Lines(text))
        {
            if (!ReservedRegionLine.TryParse(line, $"group {id}", $"/sys/{file}", out var region, out var wrong))
            {
                throw Refuse($"{file}:{number}", wrong, ReservedRegionLine.Form);
            }

            regions.Add(region);
        }

        return regions;
    }

    private void LoadDevice(string bus, string name)
    {
        var link = $"bus/{bus}/devices/{name}";
        var isNamed = bus == "pci" ? PciName().IsMatch(name) : Guid.TryParseExact(name, "D", out _);
        if (!isNamed)
        {
            throw Refuse(link, $"is not the name of a {bus} device", bus == "pci" ? "an address is dddd:bb:dd.f, lower case" : "a mediated device is called by its UUID");
        }

        var path = tree.Canonical(link) ?? throw Refuse(link, "leads nowhere", "the link names the device's directory below devices/");
        if (!path.EndsWith("/" + name, StringComparison.Ordinal))
        {
            throw Refuse(link, $"leads to {path}", $"it leads to a directory called {name}");
        }

        var group = GroupOf(path, name);
        var device = bus == "pci" ? ReadPci(path, name, group) : ReadMediated(path, name, group);
        _host.Register(device);
    }

    private EmulatedGroup? GroupOf(string path, string name)
    {
        var link = $"{path}/iommu_group";
        if (!tree.Has(link))
        {
            return null;
        }

        var target = tree.Canonical(link);
        var id = target?[(target.LastIndexOf('/') + 1)..];
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || !_host.TryGroup(number, out var group))
        {
            throw Refuse(link, "leads nowhere", $"the link names a directory of {GroupsPath}");
        }

        return tree.Has($"{GroupsPath}/{number}/devices/{name}")
            ? group
            : throw Refuse(link, $"leads to group {number}, which does not list {name}", "the two directions agree");
    }

    private EmulatedDevice ReadPci(string path, string name, EmulatedGroup? group)
    {
        var driver = DriverOf(path);
        var overriding = tree.TextOrNull($"{path}/driver_override");
        return new EmulatedDevice(name, "pci", path)
        {
            Group = group,
            Unit = UnitOf(path),
            Driver = driver,
            NativeDriver = driver is not null && !Vfio.Drivers.IsVfio(driver) ? driver : null,
            DriverOverride = overriding is null or "(null)" or "" ? null : overriding,
            Id = $"{Hex(path, "vendor", 0xffff):X4}:{Hex(path, "device", 0xffff):X4}",
            SubsystemId = $"{Hex(path, "subsystem_vendor", 0xffff, 0):X4}:{Hex(path, "subsystem_device", 0xffff, 0):X4}",
            Class = (uint)Hex(path, "class", 0xff_ffff),
            Bars = ReadBars(path),
            IsExpress = tree.Has($"{path}/current_link_speed"),
            CanReset = tree.TextOrNull($"{path}/reset_method") is { Length: > 0 },

            // The file shows the group's regions; which member brings which is not told, so each has them all.
            Reserved = group?.Reserved ?? [],
        };
    }

    private EmulatedDevice ReadMediated(string path, string name, EmulatedGroup? group) => new(name, "mdev", path)
    {
        Group = group ?? throw Refuse($"{path}/iommu_group", "is missing", "each mediated device has a group of its own"),
        Driver = DriverOf(path),
        NativeDriver = DriverOf(path),
        CanReset = true,
    };

    private string? DriverOf(string path)
    {
        var link = $"{path}/driver";
        if (!tree.Has(link))
        {
            return null;
        }

        var target = tree.Canonical(link) ?? throw Refuse(link, "leads nowhere", "the link names a directory of bus/*/drivers");
        return target[(target.LastIndexOf('/') + 1)..];
    }

    private IommuUnit? UnitOf(string path)
    {
        // A directory of that name below the IOMMU's own PCI function holds the unit; only a link says who serves a device.
        if (tree.Find($"{path}/iommu", followLast: false).Value?.Target is null)
        {
            return null;
        }

        var target = tree.Canonical($"{path}/iommu") ?? throw Refuse($"{path}/iommu", "leads nowhere", "the link names the IOMMU's directory");
        var name = target[(target.LastIndexOf('/') + 1)..];
        return _host.Units.FirstOrDefault(unit => unit.Name == name) ?? _host.AddUnit(name, IommuUnit.KindOf(name));
    }

    private List<PciBar> ReadBars(string path)
    {
        var file = $"{path}/resource";
        var bars = new List<PciBar>();
        foreach (var (line, number) in Lines(tree.Find(file).Value?.Text ?? "").Take(7))
        {
            var words = line.Split(' ');
            var values = new ulong[3];
            for (var index = 0; index < 3; index++)
            {
                if (words.Length != 3 || !words[index].StartsWith("0x", StringComparison.Ordinal)
                    || !ulong.TryParse(words[index].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out values[index]))
                {
                    throw Refuse($"{file}:{number}", $"'{line}' is no resource", "a line is '0xSTART 0xLAST 0xFLAGS'");
                }
            }

            if (values[1] < values[0])
            {
                throw Refuse($"{file}:{number}", $"start 0x{values[0]:x} is above last 0x{values[1]:x}", "last is inclusive");
            }

            bars.Add(new PciBar(values[0], values[1], values[2]));
        }

        return bars;
    }

    private ulong Hex(string path, string attribute, ulong maximum, ulong? absent = null)
    {
        var text = tree.TextOrNull($"{path}/{attribute}");
        if (text is null && absent is { } value)
        {
            return value;
        }

        if (text is null || !text.StartsWith("0x", StringComparison.Ordinal)
            || !ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) || value > maximum)
        {
            throw Refuse($"{path}/{attribute}", text is null ? "is missing" : $"says '{text}'", $"it says 0x… up to 0x{maximum:x}");
        }

        return value;
    }

    private void CheckMembers(EmulatedGroup group)
    {
        foreach (var name in tree.Names($"{GroupsPath}/{group.Id}/devices"))
        {
            var link = $"{GroupsPath}/{group.Id}/devices/{name}";
            var path = tree.Canonical(link) ?? throw Refuse(link, "leads nowhere", "the link names the member's directory below devices/");
            if (group.Devices.Any(device => device.Name == name))
            {
                continue;
            }

            if (_host.TryDevice(name, out var elsewhere))
            {
                throw Refuse(link, $"lists {name}, whose iommu_group is {elsewhere.Group?.Id.ToString(CultureInfo.InvariantCulture) ?? "missing"}", "the two directions agree");
            }

            // A member of a bus that VFIO's PCI and mediated drivers do not serve: most often a platform device.
            var bus = tree.Canonical($"{path}/subsystem") is { } subsystem ? subsystem[(subsystem.LastIndexOf('/') + 1)..] : "platform";
            _host.Register(new EmulatedDevice(name, bus, path) { Group = group, Unit = UnitOf(path), Driver = DriverOf(path), NativeDriver = DriverOf(path) });
        }
    }
}
