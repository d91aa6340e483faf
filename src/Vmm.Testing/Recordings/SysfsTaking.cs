using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Recordings;

/// <summary>Takes what an emulated host is built from out of a kernel's sysfs: groups, IOMMUs, devices with a group, VFIO's nodes and parameters.</summary>
internal sealed class SysfsTaking(ISysfs sysfs)
{
    private const string Groups = "kernel/iommu_groups";

    private static readonly string[] DeviceTexts =
    [
        "vendor", "device", "subsystem_vendor", "subsystem_device", "class", "revision", "numa_node", "driver_override", "resource", "current_link_speed",
        "reset_method", "uevent",
    ];

    private static readonly string[] DeviceLinks = ["subsystem", "driver", "iommu", "iommu_group", "mdev_type"];

    private static readonly string[] Parameters =
    [
        ModuleParameters.UnsafeInterruptsFile, ModuleParameters.IommufdUnsafeInterruptsFile, ModuleParameters.UnsafeNoIommuFile, ModuleParameters.DmaEntryLimitFile,
    ];

    private readonly SysfsTree _tree = new();
    private readonly HashSet<string> _devices = new(StringComparer.Ordinal);

    /// <summary>Takes it as it is now. What cannot be read is left out.</summary>
    public SysfsTree Take()
    {
        foreach (var bus in Names("bus"))
        {
            _tree.AddDirectory($"bus/{bus}");
            foreach (var name in Names($"bus/{bus}/devices").Where(name => bus is "pci" or "mdev" || IsLink($"bus/{bus}/devices/{name}/iommu_group")))
            {
                TakeDevice($"bus/{bus}/devices/{name}");
            }
        }

        foreach (var group in Names(Groups))
        {
            TakeGroup($"{Groups}/{group}");
        }

        foreach (var iommu in Names("class/iommu"))
        {
            TakeIommu($"class/iommu/{iommu}");
        }

        foreach (var node in ((string[])["vfio", "vfio-dev"]).SelectMany(kind => Names($"class/{kind}").Select(name => $"class/{kind}/{name}")))
        {
            if (TakeLink(node) is { } path)
            {
                TakeTexts(path, "dev", "uevent");
            }
        }

        TakeTexts("", Parameters);
        return _tree;
    }

    /// <summary>Where a link leads that stands at a path without links; steps above the root stay there.</summary>
    private static string Follow(string path, string target)
    {
        var parts = path.Split('/')[..^1].ToList();
        foreach (var step in target.Split('/'))
        {
            if (step == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (step is not ("" or "." or ".."))
            {
                parts.Add(step);
            }
        }

        return string.Join('/', parts);
    }

    private IReadOnlyList<string> Names(string path) => sysfs.List(path).Value ?? [];

    private bool IsLink(string path) => sysfs.ReadLink(path).IsOk;

    private void TakeGroup(string path)
    {
        _tree.AddDirectory($"{path}/devices");
        TakeTexts(path, "type", "name", "reserved_regions");
        foreach (var member in Names($"{path}/devices"))
        {
            TakeDevice($"{path}/devices/{member}");
        }
    }

    private void TakeIommu(string entry)
    {
        if (TakeLink(entry) is not { } path)
        {
            return;
        }

        _tree.AddDirectory($"{path}/devices");
        foreach (var served in Names($"{path}/devices"))
        {
            TakeLink($"{path}/devices/{served}");
        }
    }

    private void TakeDevice(string entry)
    {
        // One device is found by its bus and by its group.
        if (TakeLink(entry) is not { } path || !_devices.Add(path))
        {
            return;
        }

        TakeTexts(path, DeviceTexts);
        foreach (var link in DeviceLinks)
        {
            TakeLink($"{path}/{link}");
        }

        foreach (var node in Names($"{path}/vfio-dev"))
        {
            _tree.AddDirectory($"{path}/vfio-dev/{node}");
        }
    }

    /// <summary>Takes a link and puts a directory where it leads; null, and nothing taken, where it leads nowhere or is none.</summary>
    private string? TakeLink(string path)
    {
        if (sysfs.ReadLink(path) is not { IsOk: true, Value: { } target } || _tree.Has(path))
        {
            return _tree.Has(path) ? _tree.Canonical(path) : null;
        }

        var end = Follow(path, target);
        if (!sysfs.List(end).IsOk)
        {
            return null;
        }

        _tree.AddLink(path, target);
        _tree.AddDirectory(end);
        return end;
    }

    private void TakeTexts(string directory, params string[] names)
    {
        foreach (var path in names.Select(name => directory.Length == 0 ? name : $"{directory}/{name}"))
        {
            if (sysfs.ReadText(path) is { IsOk: true, Value: { } text })
            {
                _tree.AddAttribute(path, text);
            }
        }
    }
}
