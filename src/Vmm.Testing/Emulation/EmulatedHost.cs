using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Sysfs;

namespace Vmm.Testing.Emulation;

/// <summary>
/// A host that an <see cref="EmulatedKernel"/> runs on: its IOMMUs, groups, devices, drivers and reserved regions, and the
/// sysfs that shows them. Changes while a kernel runs on it; each change is seen in sysfs and heard as uevents. Thread-safe.
/// </summary>
public sealed partial class EmulatedHost
{
    private readonly SortedDictionary<string, IommuUnit> _units = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, EmulatedGroup> _groups = [];
    private readonly SortedDictionary<string, EmulatedDevice> _devices = new(StringComparer.Ordinal);
    private readonly List<string> _messages = [];
    private KernelPersonality _linux = KernelPersonality.Linux72;

    internal EmulatedHost(SysfsTree tree) => Tree = new HostTree(tree);

    /// <summary>Its IOMMUs, by name.</summary>
    public IReadOnlyCollection<IommuUnit> Units => _units.Values;

    /// <summary>Its IOMMU groups, by number.</summary>
    public IReadOnlyCollection<EmulatedGroup> Groups
    {
        get
        {
            lock (Gate)
            {
                return [.. _groups.Values];
            }
        }
    }

    /// <summary>Its devices, by name.</summary>
    public IReadOnlyCollection<EmulatedDevice> Devices
    {
        get
        {
            lock (Gate)
            {
                return [.. _devices.Values];
            }
        }
    }

    /// <summary>
    /// vfio.enable_unsafe_noiommu_mode: a vfio driver may be bound to a device without an IOMMU, which then gets a group of
    /// its own, <c>/dev/vfio/noiommu-N</c>.
    /// </summary>
    public bool AllowsUnsafeNoIommu { get; set; }

    /// <summary>What its kernel logged of warnings and BUGs, in order.</summary>
    public IReadOnlyList<string> KernelMessages
    {
        get
        {
            lock (Gate)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>The one lock of the host and of the kernel on it.</summary>
    internal Lock Gate { get; } = new();

    internal HostTree Tree { get; }

    internal UeventHub Events { get; } = new();

    /// <summary>A host as its sysfs was captured.</summary>
    /// <param name="path">
    /// A directory or a <c>.tar.gz</c> with the contents of /sys (<c>kernel/iommu_groups</c>, <c>bus/pci</c>, <c>devices</c>…),
    /// below <c>sys/</c> or not.
    /// </param>
    /// <exception cref="HostLoadException">The capture cannot be read or contradicts itself; one line says where and why.</exception>
    public static EmulatedHost Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new HostLoader(path, SysfsCapture.Read(path)).Load();
    }

    /// <summary>A host made in code. Nothing is implied: a group has the reserved regions that are named, and no others.</summary>
    public static EmulatedHost Build(Action<EmulatedHostBuilder> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var builder = new EmulatedHostBuilder();
        build(builder);
        return builder.Host;
    }

    /// <summary>A device by name.</summary>
    /// <exception cref="ArgumentException">The host has none of that name.</exception>
    public EmulatedDevice Device(string name) =>
        TryDevice(name, out var device) ? device : throw new ArgumentException($"The emulated host has no device {name}.", nameof(name));

    /// <summary>A device by name; false when there is none.</summary>
    public bool TryDevice(string name, [NotNullWhen(true)] out EmulatedDevice? device)
    {
        lock (Gate)
        {
            return _devices.TryGetValue(name, out device);
        }
    }

    /// <summary>A group by number.</summary>
    /// <exception cref="ArgumentException">The host has none of that number.</exception>
    public EmulatedGroup Group(int id) =>
        TryGroup(id, out var group) ? group : throw new ArgumentException($"The emulated host has no group {id}.", nameof(id));

    /// <summary>A group by number; false when there is none.</summary>
    public bool TryGroup(int id, [NotNullWhen(true)] out EmulatedGroup? group)
    {
        lock (Gate)
        {
            return _groups.TryGetValue(id, out group);
        }
    }

    /// <summary>An IOMMU by name.</summary>
    /// <exception cref="ArgumentException">The host has none of that name.</exception>
    public IommuUnit Unit(string name) =>
        _units.TryGetValue(name, out var unit) ? unit : throw new ArgumentException($"The emulated host has no IOMMU {name}.", nameof(name));

    internal IommuUnit AddUnit(string name, IommuKind kind)
    {
        var unit = new IommuUnit(name, kind);
        if (!_units.TryAdd(name, unit))
        {
            throw new ArgumentException($"The emulated host has an IOMMU {name} already.", nameof(name));
        }

        return unit;
    }

    internal void Register(EmulatedGroup group) => _groups.Add(group.Id, group);

    internal void Register(EmulatedDevice device)
    {
        _devices.Add(device.Name, device);
        device.Group?.Add(device);
    }

    /// <summary>A kernel starts on the host: what it does not show goes, and it behaves as it does from now on.</summary>
    internal void RunsOn(KernelPersonality linux)
    {
        lock (Gate)
        {
            _linux = linux;
            Tree.ShowsReserved = linux.HasReservedRegionsFile;
            Tree.ShowsDeviceNodes = linux.HasDeviceNodes;
            foreach (var device in linux.HasDeviceNodes ? [] : _devices.Values.Where(device => device.VfioIndex >= 0))
            {
                Tree.RemoveVfioDevice(device, device.VfioIndex);
                Tree.AddVfioDevice(device, device.VfioIndex);
            }

            foreach (var group in linux.HasReservedRegionsFile ? [] : _groups.Values.ToList())
            {
                Tree.ShowReserved(group);
            }
        }
    }

    internal EmulatedGroup NewGroup(int id, bool isEmulated, bool isUnprotected = false)
    {
        var group = new EmulatedGroup(id, isEmulated, isEmulated || isUnprotected ? "unknown" : "DMA", isUnprotected);
        Register(group);
        Tree.AddGroup(group);
        return group;
    }

    /// <summary>Takes a bound driver into account without events: the state a host starts with.</summary>
    internal void AdoptDriver(EmulatedDevice device)
    {
        if (device.Driver is { } driver)
        {
            TakeDriver(device, driver);
        }
    }

    /// <summary>The members' regions as the kernel shows them: sorted by start, overlapping or touching ones of a kind made one.</summary>
    internal static IReadOnlyList<ReservedRegion> Merge(IEnumerable<ReservedRegion> regions)
    {
        var merged = new List<ReservedRegion>();
        foreach (var region in regions.OrderBy(region => region.Kind).ThenBy(region => region.Range))
        {
            if (merged.Count > 0 && merged[^1] is var before && before.Kind == region.Kind
                && (before.Range.Overlaps(region.Range) || before.Range.IsFollowedBy(region.Range)))
            {
                var last = before.Range.Last > region.Range.Last ? before.Range.Last : region.Range.Last;
                merged[^1] = before with { Range = new(before.Range.Start, last) };
            }
            else
            {
                merged.Add(region);
            }
        }

        merged.Sort((left, right) => left.Range.CompareTo(right.Range));
        return merged;
    }
}
