using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.AddressSpaces;

/// <summary>A piece of a guest address space, as a memory listener gives it.</summary>
/// <param name="Range">Where it is; ends need not be page aligned.</param>
/// <param name="Kind">What it shows.</param>
/// <param name="Name">The memory region's name, such as <c>pc.ram</c>.</param>
/// <param name="OffsetInRegion">Offset of the first byte in the memory region, in bytes.</param>
/// <param name="ReadOnly">True when devices may not write.</param>
/// <param name="Block">The memory behind it; null for kinds that have none.</param>
/// <param name="OffsetInBlock">Offset of the first byte in <paramref name="Block"/>, in bytes.</param>
public sealed record MemorySection(
    IovaRange Range,
    SectionKind Kind,
    string Name,
    ulong OffsetInRegion,
    bool ReadOnly,
    RamBlock? Block,
    ulong OffsetInBlock)
{
    /// <summary>True when a container may leave it out: peer-to-peer BARs are a convenience, RAM is not.</summary>
    public bool IsSkippable => Kind == SectionKind.RamDevice;

    /// <summary>What devices may do with it.</summary>
    public DmaAccess Access => ReadOnly ? DmaAccess.Read : DmaAccess.ReadWrite;
}
