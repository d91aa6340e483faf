namespace Vmm.Testing.Scenarios;

/// <summary>What is expected of an IOMMU group of the host, as the VMM has scanned it. What is null is not looked at.</summary>
/// <param name="Group">Its number.</param>
public sealed record GroupExpectation(int Group)
{
    /// <summary>A piece of text for each reserved region, ascending: <c>RANGE KIND of OWNER from SOURCE</c>; empty for none.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>A piece of text of why its regions are not known; empty text when they are.</summary>
    public string? Unknown { get; init; }

    /// <summary>A piece of text for each member, by name: <c>NAME on BUS, driver DRIVER</c>; <c>none</c> without a driver.</summary>
    public IReadOnlyList<string>? Devices { get; init; }

    /// <summary>True when no member's driver stands in the way of handing it out.</summary>
    public bool? IsViable { get; init; }

    /// <summary>A piece of text for each routing hazard: <c>DEVICE RANGE</c>; empty for none.</summary>
    public IReadOnlyList<string>? Hazards { get; init; }
}
