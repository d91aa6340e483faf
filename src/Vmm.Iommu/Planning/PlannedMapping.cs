using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Planning;

/// <summary>A mapping that is to be made: a piece of a section.</summary>
/// <param name="Range">The piece, page aligned.</param>
/// <param name="Section">The section that it is a piece of.</param>
public readonly record struct PlannedMapping(IovaRange Range, DmaSection Section)
{
    /// <summary>The memory behind it.</summary>
    public RamBlock Block => Section.Block;

    /// <summary>Offset of the first byte in <see cref="Block"/>, in bytes.</summary>
    public ulong Offset => Section.OffsetAt(Range.Start);

    /// <summary>What devices may do.</summary>
    public DmaAccess Access => Section.Access;
}
