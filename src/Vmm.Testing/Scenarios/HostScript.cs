using Vmm.Iommu.Addressing;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Scenarios;

/// <summary>The machine of a scenario: a captured one, to which more is added, or one made of what is added alone.</summary>
public sealed record HostScript
{
    /// <summary>A captured host: directory or <c>.tar.gz</c>; null for an empty machine.</summary>
    public string? Capture { get; init; }

    /// <summary>Which Linux runs on it.</summary>
    public KernelPersonality Kernel { get; init; } = KernelPersonality.Linux72;

    /// <summary>False for a type1 without version 2.</summary>
    public bool HasType1V2 { get; init; } = true;

    /// <summary>True where VFIO hands out devices without an IOMMU (enable_unsafe_noiommu_mode).</summary>
    public bool AllowsNoIommu { get; init; }

    /// <summary>IOMMUs that are there besides.</summary>
    public IReadOnlyList<IommuScript> Iommus { get; init; } = [];

    /// <summary>Devices that are there besides, in the order they are added.</summary>
    public IReadOnlyList<DeviceScript> Devices { get; init; } = [];

    /// <summary>Drivers by device, bound before the first step; an empty name unbinds.</summary>
    public IReadOnlyDictionary<string, string> Drivers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Reserved regions by group, which replace those of the capture.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<RegionScript>> Reserved { get; init; } = new Dictionary<int, IReadOnlyList<RegionScript>>();

    /// <summary>Symbolic links that are put into sysfs besides, by path below /sys; where they lead is not looked at.</summary>
    public IReadOnlyDictionary<string, string> Links { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the IOMMUs can map, but for those of <see cref="Iommus"/>, where it is not 48 bits; null for that.</summary>
    public IovaRange? Aperture { get; init; }

    /// <summary>Mappings that a container can hold; null for the kernel's 65535.</summary>
    public uint? EntryLimit { get; init; }
}
