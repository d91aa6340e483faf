using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>A container's state at one place in its order. Immutable.</summary>
/// <param name="Kind">What stands behind it.</param>
/// <param name="Snapshot">What it allows.</param>
/// <param name="Mappings">Mappings, dying ones too; each holds one lease.</param>
/// <param name="Dying">Mappings whose unmap failed.</param>
/// <param name="Hot">Mappings that a vIOMMU asked for, dying ones too; the others are the view's.</param>
/// <param name="Bytes">Bytes mapped, dying ones too.</param>
/// <param name="EntriesLeft">Mappings that can still be made; null where the kernel does not say.</param>
/// <param name="Groups">Groups inside, oldest first.</param>
/// <param name="IsBackendGone">True once the last group has left.</param>
/// <param name="IsClosed">True once the descriptor is closed.</param>
/// <param name="TaintedAt">The first range whose unmap failed; null when none ever did.</param>
/// <param name="TaintedBy">How it failed.</param>
public sealed record ContainerState(
    ContainerKind Kind,
    ContainerSnapshot Snapshot,
    int Mappings,
    int Dying,
    int Hot,
    UInt128 Bytes,
    uint? EntriesLeft,
    IReadOnlyList<int> Groups,
    bool IsBackendGone,
    bool IsClosed,
    IovaRange? TaintedAt,
    MapResult TaintedBy)
{
    /// <summary>Of the entries left, those that no vIOMMU gets: a view can still be mapped when a guest has used up the others.</summary>
    public uint KeptForViews { get; init; }

    /// <summary>True once an unmap failed: kernel and table have disagreed, and this stays so until the container is closed.</summary>
    public bool IsTainted => TaintedAt is not null;
}
