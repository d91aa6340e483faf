namespace Vmm.Iommu.Topology;

/// <summary>A line of a PCI device's <c>resource</c> file: a BAR, a ROM or a bridge window in host addresses.</summary>
/// <param name="Index">Line, from 0: the BAR number for the first six.</param>
/// <param name="Start">First bus address, in bytes.</param>
/// <param name="Last">Last bus address, inclusive.</param>
/// <param name="Flags">The kernel's resource flags.</param>
public sealed record DeviceResource(int Index, ulong Start, ulong Last, ulong Flags)
{
    // KERNEL: IORESOURCE_MEM.
    private const ulong Memory = 0x200;

    /// <summary>True for memory, false for I/O ports.</summary>
    public bool IsMemory => (Flags & Memory) != 0;

    /// <summary>Bytes.</summary>
    public UInt128 Length => (UInt128)(Last - Start) + 1;
}
