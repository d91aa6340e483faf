using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Containers;

/// <summary>What the kernel said of a group alone in an empty container, or why it could not be asked.</summary>
/// <param name="Info">What it said; null where it could not be asked.</param>
/// <param name="Refusal">Why not, or which step of the undo failed; null when all went well.</param>
public sealed record ContainerProbe(ContainerInfo? Info, ContainerRefusal? Refusal)
{
    /// <summary>
    /// What the group's IOMMU can translate: the windows that the kernel reported and the reserved regions that it had cut out of
    /// them. A gap that no known region explains stays one. Null where the kernel reported no windows.
    /// </summary>
    /// <param name="reserved">The group's reserved regions.</param>
    public ValidIovaRanges? Aperture(ReservedRegionSet reserved)
    {
        ArgumentNullException.ThrowIfNull(reserved);
        if (Info?.Windows is not { Count: > 0 } windows)
        {
            return Info?.Windows;
        }

        // A region beyond the outermost windows was never within reach, unless it begins where they end.
        var (start, last) = (windows[0].Start.Value, windows[^1].Last.Value);
        var cut = reserved.Holes.Where(hole =>
            hole.Last.Value >= start - Math.Min(start, 1) && hole.Start.Value <= last + Math.Min(ulong.MaxValue - last, 1));
        return new(windows.Concat(cut));
    }
}
