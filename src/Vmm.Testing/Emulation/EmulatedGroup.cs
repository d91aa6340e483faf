using Vmm.Iommu.Reserved;
using Vmm.Testing.Emulation.Iommufd;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

/// <summary>One IOMMU group of an emulated host.</summary>
public sealed class EmulatedGroup
{
    private readonly List<EmulatedDevice> _devices = [];

    internal EmulatedGroup(int id, bool isEmulated, string type, bool isUnprotected = false)
    {
        Id = id;
        IsEmulated = isEmulated;
        IsUnprotected = isUnprotected;
        Type = type;
    }

    /// <summary>Its number, as in <c>/sys/kernel/iommu_groups</c>.</summary>
    public int Id { get; }

    /// <summary>True for the group of a mediated device: no IOMMU stands behind it, and nothing is checked for it.</summary>
    public bool IsEmulated { get; }

    /// <summary>True for a group that VFIO made for a device without an IOMMU (no-IOMMU mode): its DMA is not translated.</summary>
    public bool IsUnprotected { get; }

    /// <summary>The word of its <c>type</c> file: the default domain's type, <c>unknown</c> without one.</summary>
    public string Type { get; }

    /// <summary>Its members, in the order they came.</summary>
    public IReadOnlyList<EmulatedDevice> Devices => _devices;

    /// <summary>The lines of its <c>reserved_regions</c> file: those of its members, merged and sorted by start.</summary>
    public IReadOnlyList<ReservedRegion> Reserved { get; internal set; } = [];

    /// <summary>True while VFIO owns the DMA of the group: between SET_CONTAINER and the release, or while a device is bound to an iommufd.</summary>
    public bool IsOwned => Owner is not null;

    /// <summary>True when nobody owns its DMA: no container, and no member bound to a driver that uses the kernel's own DMA.</summary>
    public bool IsViable => Owner is null && KernelUsers == 0;

    /// <summary>Who claimed the DMA of the group, or null.</summary>
    internal object? Owner { get; set; }

    /// <summary>Members whose driver uses the kernel's default domain.</summary>
    internal int KernelUsers { get; set; }

    /// <summary>What an iommufd makes of the group, while one of its devices is bound to it.</summary>
    internal IommufdGroup? Iommufd { get; set; }

    /// <summary>What VFIO made of the group: there while a member is bound to a vfio driver.</summary>
    internal GroupModel? Vfio { get; set; }

    /// <summary>True when a member needs firmware's 1:1 mapping, which no container can give.</summary>
    internal bool NeedsDirectMapping => Reserved.Any(region => region.ForbidsAssignment);

    /// <summary>True when no member has a driver that VFIO cannot live with: none, a vfio driver, pci-stub, or any on a bridge.</summary>
    internal bool HasOnlyTolerableDrivers =>
        _devices.TrueForAll(device => device.IsMediated || device.Driver is null or "pci-stub" || Drivers.IsVfio(device.Driver) || device.IsBridge);

    /// <summary>What its node in /dev/vfio is called.</summary>
    internal string NodeName => IsUnprotected ? $"noiommu-{Id}" : $"{Id}";

    /// <summary>The IOMMU of the group; null for a group that has none.</summary>
    internal IommuUnit? Unit => _devices.Select(device => device.Unit).FirstOrDefault(unit => unit is not null);

    /// <summary>A domain is attached to the group: every member that is there now is in it.</summary>
    internal void EnterDomain()
    {
        foreach (var device in _devices)
        {
            device.IsOutsideDomain = false;
        }
    }

    internal void Add(EmulatedDevice device) => _devices.Add(device);

    internal void Remove(EmulatedDevice device) => _devices.Remove(device);
}
