using Vmm.Iommu.Addressing;

namespace Vmm.Lab.Machine;

/// <summary>What the kernel says of the IOMMU that sysfs does not.</summary>
/// <param name="Aperture">The IOVAs that its page tables hold.</param>
/// <param name="PageSizes">Bitmap of its page sizes.</param>
/// <param name="EnforcesCoherency">True when a container forces cache coherency.</param>
/// <param name="HasIsolatedMsi">False when attaching is refused for want of interrupt remapping.</param>
internal sealed record SpaceFacts(IovaRange Aperture, ulong PageSizes, bool EnforcesCoherency, bool HasIsolatedMsi)
{
    /// <summary>What an IOMMU has that nobody could ask.</summary>
    public static readonly SpaceFacts Unknown = new(IovaRange.FromBounds(0, 0xffff_ffff_ffff), 0x4020_1000, false, true);
}
