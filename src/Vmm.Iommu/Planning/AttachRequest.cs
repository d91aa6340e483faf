using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Planning;

/// <summary>A group that is to join an address space, and all that is known of both.</summary>
public sealed record AttachRequest
{
    /// <summary>The group and whether its drivers allow it.</summary>
    public required GroupViability Viability { get; init; }

    /// <summary>Its reserved regions, known or not; holes of the user's count here too.</summary>
    public required ReservedRegionsReading Reserved { get; init; }

    /// <summary>What its IOMMU can translate, reserved regions included; null when unknown.</summary>
    public ValidIovaRanges? Aperture { get; init; }

    /// <summary>True for a mediated device: no IOMMU stands behind it, so nothing limits or tests what is mapped for it.</summary>
    public bool IsMediated { get; init; }

    /// <summary>Why nothing translates the device's DMA; null where something does, or it has none.</summary>
    public string? WhyUnprotected { get; init; }

    /// <summary>The backend that the device is opened by, such as <c>type1</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The space's containers, in the order in which they are tried.</summary>
    public required IReadOnlyList<ContainerCandidate> Containers { get; init; }

    /// <summary>The container that the group is in already, or that alone is asked: there is no other for it. Null for none.</summary>
    public string? Home { get; init; }

    /// <summary>What the space shows to devices, ascending: a new container maps it all.</summary>
    public required IReadOnlyList<DmaSection> View { get; init; }

    /// <summary>The IOMMU's page sizes, where they are known.</summary>
    public PageSizes? Pages { get; init; }

    /// <summary>What the user allows.</summary>
    public AttachPolicy Policy { get; init; } = AttachPolicy.Default;

    /// <summary>What has to be done before the device can be attached, in words.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>The group in words.</summary>
    public string Group => $"group {Viability.Group}";
}
