using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>What the user allows an attach to do.</summary>
public sealed record AttachPolicy
{
    /// <summary>Legacy containers: a second one is made where the first takes no more.</summary>
    public static readonly AttachPolicy Legacy = new() { AllowSecondContainer = true };

    /// <summary>iommufd: one IOAS for all devices of a space.</summary>
    public static readonly AttachPolicy Iommufd = new();

    /// <summary>True when another container may be made beside those that refuse.</summary>
    public bool AllowSecondContainer { get; init; }

    /// <summary>True when an attach that would change the space's windows is refused.</summary>
    public bool FreezeIova { get; init; }

    /// <summary>The windows that a vIOMMU has told the guest; the space must keep them. Null when none were told.</summary>
    public ValidIovaRanges? ToldWindows { get; init; }

    /// <summary>Mappings that a new container can hold.</summary>
    public long EntriesOfNewContainer { get; init; } = 65_535;
}
