using Vmm.Iommu.HotPath;

namespace Vmm.Actors;

/// <summary>One container.</summary>
/// <param name="Id">Its number in the VM.</param>
/// <param name="Snapshot">Windows, page sizes, entries, generation.</param>
/// <param name="Groups">The groups in it, ascending.</param>
/// <param name="Devices">The open devices in it, by name.</param>
/// <param name="Mappings">What is mapped, ascending.</param>
/// <param name="Skipped">Sections of the view it leaves out.</param>
/// <param name="Degraded">Why it cannot be relied on, in words; null when it can.</param>
public sealed record ContainerReport(
    int Id,
    ContainerSnapshot Snapshot,
    IReadOnlyList<int> Groups,
    IReadOnlyList<string> Devices,
    IReadOnlyList<MappedRange> Mappings,
    IReadOnlyList<SkippedSection> Skipped,
    string? Degraded)
{
    /// <summary>Of the mappings, those that a vIOMMU asked for.</summary>
    public int Hot => Mappings.Count(mapping => mapping.IsHot);

    /// <summary>Of the entries left, those that no vIOMMU gets.</summary>
    public uint KeptForViews { get; init; }

    /// <summary>RAM of the view that is neither mapped nor left out: it could not be mapped, and the next view tries again.</summary>
    public IReadOnlyList<SkippedSection> Pending { get; init; } = [];
}
