using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>What the user allows an attach to do.</summary>
public sealed record AttachPolicy
{
    /// <summary>Nothing but what is usual.</summary>
    public static readonly AttachPolicy Default = new();

    /// <summary>
    /// True when another container may be made beside those that refuse; null for what is usual: a second legacy container
    /// where the first takes no more, but one IOAS of iommufd for all devices of a space.
    /// </summary>
    public bool? AllowSecondContainer { get; init; }

    /// <summary>True when an attach that would change the space's windows is refused.</summary>
    public bool FreezeIova { get; init; }

    /// <summary>The windows that a vIOMMU has told the guest; the space must keep them. Null when none were told.</summary>
    public ValidIovaRanges? ToldWindows { get; init; }

    /// <summary>True when windows that the space's rules say the guest was told may be broken: the caller tells the guest others.</summary>
    public bool MayBreakToldWindows { get; init; }

    /// <summary>Mappings that a new container can hold.</summary>
    public long EntriesOfNewContainer { get; init; } = 65_535;

    /// <summary>
    /// True when a plan may ask the kernel by an empty container, of which nothing is left: nobody else can open the group
    /// meanwhile. An attach asks anyway.
    /// </summary>
    public bool Probe { get; init; }

    /// <summary>Whether another container of a kind may be made beside those that refuse.</summary>
    /// <param name="kind">The backend, such as <c>type1</c> or <c>iommufd</c>.</param>
    public bool AllowsSecond(string kind) => AllowSecondContainer ?? kind != "iommufd";

    /// <summary>Why the windows of a space may not change from one to the other; null when they may.</summary>
    /// <param name="before">What the space, or a container of it, could map.</param>
    /// <param name="after">What would be left.</param>
    public string? WhyFixed(ValidIovaRanges before, ValidIovaRanges after)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (FreezeIova && !after.Equals(before))
        {
            return $"the valid IOVAs are frozen (freeze-iova) and would change from {before} to {after}";
        }

        return ToldWindows is { } told && !told.All(after.Contains)
            ? $"the guest was told the windows {told}, and {after} would be left"
            : null;
    }
}
