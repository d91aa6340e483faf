using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>A section that devices are to reach: trimmed to whole pages, with the memory behind it.</summary>
/// <param name="Range">IOVAs, page aligned.</param>
/// <param name="Block">The memory.</param>
/// <param name="Offset">Offset of the first byte in <paramref name="Block"/>, in bytes.</param>
/// <param name="Access">What devices may do.</param>
/// <param name="IsSkippable">True when a container may leave it out (a peer's BAR); false for RAM.</param>
/// <param name="Name">The memory region's name.</param>
public sealed record DmaSection(IovaRange Range, RamBlock Block, ulong Offset, DmaAccess Access, bool IsSkippable, string Name)
{
    /// <summary>The process address of the first byte.</summary>
    public HostAddress HostAddress => Block.Address.Plus(Offset);

    /// <summary>Offset in the block of the byte at <paramref name="address"/>, which lies in the section.</summary>
    public ulong OffsetAt(Iova address) => Offset + (address.Value - Range.Start.Value);

    /// <summary>True when both say the same about every byte that they share: memory, offset and access.</summary>
    public bool Agrees(IovaRange range, RamBlock? block, ulong offset, DmaAccess access) =>
        ReferenceEquals(block, Block) && access == Access
        && unchecked(offset - range.Start.Value) == unchecked(Offset - Range.Start.Value);
}
