namespace Vmm.Iommu.Reserved;

/// <summary>
/// What is known of a group's reserved regions. Unknown is not none: where it is unknown the kernel decides, and a plan
/// says so.
/// </summary>
/// <param name="Regions">The regions that could be read; all of them when <paramref name="WhyUnknown"/> is null.</param>
/// <param name="WhyUnknown">Why there may be more; null when there are none beyond <paramref name="Regions"/>.</param>
public sealed record ReservedRegionsReading(ReservedRegionSet Regions, string? WhyUnknown)
{
    /// <summary>True when the regions are all there are.</summary>
    public bool IsKnown => WhyUnknown is null;

    /// <summary>All the regions of a group.</summary>
    public static ReservedRegionsReading Known(ReservedRegionSet regions) => new(regions, null);

    /// <summary>Nothing could be read.</summary>
    public static ReservedRegionsReading Unknown(string why) => new(ReservedRegionSet.Empty, why);
}
