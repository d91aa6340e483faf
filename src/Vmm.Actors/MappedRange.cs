using Vmm.Iommu.Addressing;

namespace Vmm.Actors;

/// <summary>One mapping, as shown to people.</summary>
/// <param name="Range">IOVAs, both ends inclusive.</param>
/// <param name="Block">Name of the memory behind it.</param>
/// <param name="Offset">Offset in the block, in bytes.</param>
/// <param name="Access">What devices may do.</param>
/// <param name="IsDying">True when an unmap of it failed.</param>
public sealed record MappedRange(IovaRange Range, string Block, ulong Offset, DmaAccess Access, bool IsDying)
{
    /// <summary>True when a vIOMMU asked for it; false when a view shows it.</summary>
    public bool IsHot { get; init; }
}
