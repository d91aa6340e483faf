using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.Reserved;

/// <summary>A range that an IOMMU group does not translate as asked, and whose it is.</summary>
/// <param name="Kind">What sort of range.</param>
/// <param name="Range">Where it is, both ends inclusive.</param>
/// <param name="Owner">Whose it is, such as <c>group 6</c> or the name the user gave.</param>
/// <param name="Source">Where this is known from: a sysfs path, <c>scenario</c>, <c>user</c>.</param>
public sealed record ReservedRegion(ReservedRegionKind Kind, IovaRange Range, string Owner, string Source)
{
    /// <summary>A hole that the user asked for.</summary>
    /// <param name="range">IOVAs.</param>
    public static ReservedRegion AskedFor(IovaRange range) => new(ReservedRegionKind.User, range, "user", "user");

    /// <summary>True when nothing may be mapped in it.</summary>
    public bool IsHole => Kind is ReservedRegionKind.Reserved or ReservedRegionKind.Msi or ReservedRegionKind.User;

    /// <summary>True when its group cannot be assigned at all.</summary>
    public bool ForbidsAssignment => Kind == ReservedRegionKind.Direct;
}
