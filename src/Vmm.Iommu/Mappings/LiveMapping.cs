using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;

namespace Vmm.Iommu.Mappings;

/// <summary>One mapping of one container. Owns <paramref name="Lease"/> until it leaves the table.</summary>
/// <param name="Range">IOVAs, both ends inclusive, page aligned.</param>
/// <param name="Lease">The lease of the memory behind it.</param>
/// <param name="Offset">Offset of the first byte in the block, in bytes.</param>
/// <param name="Access">What devices may do.</param>
/// <param name="State">Live or Dying.</param>
public readonly record struct LiveMapping(IovaRange Range, RamLease Lease, ulong Offset, DmaAccess Access, MappingState State)
{
    /// <summary>True when a vIOMMU asked for it; false when a view shows it.</summary>
    public bool IsHot { get; init; }

    /// <summary>The process address of the first byte.</summary>
    public HostAddress HostAddress => Lease.Block!.Address.Plus(Offset);
}
