using Vmm.Iommu.Addressing;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>A line of <c>info mtree -f</c> that shows a range.</summary>
/// <param name="Range">The range, last inclusive.</param>
/// <param name="Kind">What the line's word means.</param>
/// <param name="ReadOnly">True for ROM and for RAM that is shown as ROM.</param>
/// <param name="Region">The memory region's name.</param>
/// <param name="Offset">Offset of the first byte in the region, in bytes.</param>
/// <param name="Line">Line of the file, from 1.</param>
public sealed record MtreeSection(IovaRange Range, SectionKind Kind, bool ReadOnly, string Region, ulong Offset, int Line)
{
    /// <summary>True when memory lies behind it.</summary>
    public bool HasMemory => Kind is SectionKind.Ram or SectionKind.RamDevice;
}
