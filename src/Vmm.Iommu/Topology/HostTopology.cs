using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Vmm.Iommu.Topology;

/// <summary>The host's devices, groups and IOMMUs at one time. Immutable; safe to hand to anybody.</summary>
public sealed class HostTopology
{
    /// <summary>A host of which nothing was read yet, with sequence 0.</summary>
    public static readonly HostTopology Nothing = new(0, [], [], [], []);

    private readonly FrozenDictionary<IommuGroupId, IommuGroup> _groups;
    private readonly FrozenDictionary<string, HostDevice> _devices;

    /// <summary>A snapshot.</summary>
    /// <param name="sequence">Rises from one snapshot of a host to the next.</param>
    /// <param name="groups">Groups in any order, each number once.</param>
    /// <param name="devices">Devices in any order, each name once.</param>
    /// <param name="iommus">IOMMUs in any order.</param>
    /// <param name="problems">What was not as it should be, in the order met.</param>
    /// <exception cref="ArgumentException">A group or a device is there twice.</exception>
    public HostTopology(
        long sequence,
        IEnumerable<IommuGroup> groups,
        IEnumerable<HostDevice> devices,
        IEnumerable<HostIommu> iommus,
        IEnumerable<TopologyProblem> problems)
    {
        Sequence = sequence;
        Groups = [.. groups.OrderBy(group => group.Id)];
        Devices = [.. devices.OrderBy(device => device.Name, StringComparer.Ordinal)];
        Iommus = [.. iommus.OrderBy(iommu => iommu.Name, StringComparer.Ordinal)];
        Problems = [.. problems];
        _groups = Unique(Groups, group => group.Id);
        _devices = Unique(Devices, device => device.Name);
    }

    /// <summary>Rises from one snapshot of a host to the next.</summary>
    public long Sequence { get; }

    /// <summary>Every IOMMU group, by number.</summary>
    public IReadOnlyList<IommuGroup> Groups { get; }

    /// <summary>Every PCI and mediated device, and every device of another bus that has a group; by name.</summary>
    public IReadOnlyList<HostDevice> Devices { get; }

    /// <summary>The IOMMUs, by name.</summary>
    public IReadOnlyList<HostIommu> Iommus { get; }

    /// <summary>What was not as it should be; empty for a sound tree.</summary>
    public IReadOnlyList<TopologyProblem> Problems { get; }

    /// <summary>A group by its number.</summary>
    public bool TryGetGroup(IommuGroupId id, [NotNullWhen(true)] out IommuGroup? group) => _groups.TryGetValue(id, out group);

    /// <summary>A device by its name.</summary>
    public bool TryGetDevice(string name, [NotNullWhen(true)] out HostDevice? device) => _devices.TryGetValue(name, out device);

    /// <summary>The devices of a group, by name; empty for a group that does not exist.</summary>
    public IReadOnlyList<HostDevice> DevicesOf(IommuGroupId id) =>
        TryGetGroup(id, out var group)
            ? [.. group.Members.Select(name => _devices.GetValueOrDefault(name)).OfType<HostDevice>()]
            : [];

    private static FrozenDictionary<TKey, T> Unique<TKey, T>(IEnumerable<T> items, Func<T, TKey> keyOf)
        where TKey : notnull
    {
        var unique = new Dictionary<TKey, T>();
        foreach (var item in items)
        {
            if (!unique.TryAdd(keyOf(item), item))
            {
                throw new ArgumentException($"{keyOf(item)} is in the topology twice.", nameof(items));
            }
        }

        return unique.ToFrozenDictionary();
    }
}
