using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Planning;

/// <summary>A container of a space that is only planned: what would be in it.</summary>
public sealed class PlannedContainer
{
    private readonly List<IommuGroupId> _groups = [];
    private readonly List<string> _devices = [];

    internal PlannedContainer(string name, long entryLimit, bool hasOnlyMediated)
    {
        Name = name;
        EntryLimit = entryLimit;
        HasOnlyMediated = hasOnlyMediated;
    }

    /// <summary>Its name, such as <c>container 1</c>.</summary>
    public string Name { get; }

    /// <summary>Its groups, in the order in which they came.</summary>
    public IReadOnlyList<IommuGroupId> Groups => _groups;

    /// <summary>Its devices, in the order in which they came.</summary>
    public IReadOnlyList<string> Devices => _devices;

    /// <summary>Where it can map; at most this where something is unknown.</summary>
    public ValidIovaRanges Windows { get; private set; } = ValidIovaRanges.All;

    /// <summary>What would be mapped.</summary>
    public MappingTable Mappings { get; } = new();

    /// <summary>Mappings that it holds.</summary>
    public long EntryLimit { get; }

    /// <summary>True while mediated devices alone are in it.</summary>
    public bool HasOnlyMediated { get; private set; }

    internal ContainerCandidate ToCandidate(string kind) => new(Name, kind, Windows, Mappings) { HasOnlyMediated = HasOnlyMediated };

    /// <summary>A device comes in.</summary>
    internal void Add(HostDevice device, ValidIovaRanges windows)
    {
        Windows = windows;
        HasOnlyMediated &= device.IsMediated;
        _devices.Add(device.Name);
        if (device.Group is { } group && !_groups.Contains(group))
        {
            _groups.Add(group);
        }
    }

    /// <summary>Maps a view as a new container does.</summary>
    internal void Map(IReadOnlyList<DmaSection> view, PageSizes pages)
    {
        var plan = MappingPlan.ForView(Mappings, MappingPlan.TargetOf(view), MappingRules.For(view, pages, EntryLimit, Windows));
        foreach (var addition in plan.Additions)
        {
            if (addition.Block.TryLease(out var lease))
            {
                Mappings.TryAdd(new(addition.Range, lease, addition.Offset, addition.Access, MappingState.Live));
            }
        }
    }
}
