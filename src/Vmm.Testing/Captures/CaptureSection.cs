using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;

namespace Vmm.Testing.Captures;

/// <summary>A section of a captured view.</summary>
/// <param name="Range">Where it is, both ends inclusive.</param>
/// <param name="Kind">What it shows; what QEMU maps for no device is <see cref="SectionKind.Io"/>.</param>
/// <param name="Name">The memory region's name; <c>?</c> where the capture does not know it, empty where it gives none.</param>
/// <param name="Offset">Offset in the memory region, in bytes; null where the capture does not say.</param>
/// <param name="ReadOnly">True when devices may not write.</param>
/// <param name="Host">Process address of the first byte in QEMU; null for what is no memory.</param>
public sealed record CaptureSection(IovaRange Range, SectionKind Kind, string Name, ulong? Offset, bool ReadOnly, ulong? Host)
{
    /// <summary>The name that stands for a name nobody knows.</summary>
    public const string UnknownName = "?";
}
