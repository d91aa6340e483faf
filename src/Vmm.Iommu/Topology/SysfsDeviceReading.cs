using System.Globalization;

namespace Vmm.Iommu.Topology;

/// <summary>Reads one device's directory, the same way on every bus.</summary>
internal sealed class SysfsDeviceReading(SysfsAttributes sysfs)
{
    private const string ResourceForm = "a line is \"0xSTART 0xLAST 0xFLAGS\", START <= LAST, each at most 64 bits";

    /// <summary>Reads a device.</summary>
    /// <param name="bus">Its bus.</param>
    /// <param name="name">Its name.</param>
    /// <param name="entry">The directory or link that it was found by.</param>
    /// <returns>The device; null, with the problem noted, when there is none to be had.</returns>
    public HostDevice? Read(string bus, string name, string entry)
    {
        var noted = sysfs.Problems.Count;
        if (sysfs.Names(entry) is null)
        {
            if (sysfs.Problems.Count == noted)
            {
                sysfs.Note(entry, "the link leads nowhere", "it leads to the device's directory");
            }

            return null;
        }

        PciAddress? pci = null;
        if (bus == "pci")
        {
            if (!PciAddress.TryParse(name, out var address))
            {
                sysfs.Note(entry, $"\"{name}\" is no PCI address", "a name there is DDDD:BB:DD.F, such as 0000:01:00.0");
                return null;
            }

            pci = address;
        }

        var path = sysfs.Resolved(entry);
        return new HostDevice
        {
            Name = name,
            Bus = bus,
            Path = path,
            Pci = pci,
            PciClass = pci is null ? null : Hex(entry, "class", 0xffffff),
            Vendor = pci is null ? null : (ushort?)Hex(entry, "vendor", 0xffff),
            Device = pci is null ? null : (ushort?)Hex(entry, "device", 0xffff),
            Group = GroupOf(entry),
            Driver = sysfs.LinkName($"{entry}/driver"),
            // KERNEL: an override that is not set reads as "(null)".
            DriverOverride = sysfs.Text($"{entry}/driver_override") is { Length: > 0 } text && text != "(null)" ? text : null,
            VfioDevice = sysfs.Names($"{entry}/vfio-dev") is [var first, ..] ? first : null,
            Iommu = sysfs.LinkName($"{entry}/iommu"),
            MdevParent = bus == "mdev" ? NameOf(SysfsAttributes.Parent(path)) : null,
            MdevType = bus == "mdev" ? sysfs.LinkName($"{entry}/mdev_type") : null,
            Resources = pci is null ? [] : [.. Resources($"{entry}/resource")],
        };
    }

    private static string? NameOf(string path) => path.Length == 0 ? null : path[(path.LastIndexOf('/') + 1)..];

    private IommuGroupId? GroupOf(string entry)
    {
        if (sysfs.LinkName($"{entry}/iommu_group") is not { } text)
        {
            return null;
        }

        if (IommuGroupId.TryParse(text, out var id))
        {
            return id;
        }

        sysfs.Note($"{entry}/iommu_group", $"the link leads to \"{text}\"", "it leads to a group's number");
        return null;
    }

    private uint? Hex(string entry, string attribute, uint most)
    {
        var path = $"{entry}/{attribute}";
        if (sysfs.Text(path) is not { } text)
        {
            return null;
        }

        if (TryHex(text, out var number) && number <= most)
        {
            return (uint)number;
        }

        sysfs.Note(path, $"\"{text}\" is no number of the kind", $"it is 0x0 to 0x{most:x}");
        return null;
    }

    private IEnumerable<DeviceResource> Resources(string path)
    {
        var lines = sysfs.Text(path)?.Split('\n') ?? [];
        for (var i = 0; i < lines.Length; i++)
        {
            var fields = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3 || !TryHex(fields[0], out var start) || !TryHex(fields[1], out var last) || !TryHex(fields[2], out var flags)
                || last < start)
            {
                sysfs.Note(path, $"\"{lines[i]}\" is no resource", ResourceForm, i + 1);
            }
            else if (flags != 0)
            {
                yield return new(i, start, last, flags);
            }
        }
    }

    private static bool TryHex(string text, out ulong number)
    {
        number = 0;
        return text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }
}
