using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Testing.Emulation;

namespace Vmm.Contract.Hosts;

/// <summary>A machine by its IOMMU, and what a kernel says of it there: what QEMU's devices show to Linux.</summary>
/// <param name="Name">As the lab calls its guest.</param>
/// <param name="Unit">The IOMMU in /sys/class/iommu.</param>
/// <param name="Kind">Whose it is.</param>
/// <param name="Aperture">The IOVAs that its page tables hold.</param>
/// <param name="Reserved">What no device may be given: the interrupt window first.</param>
/// <param name="PageSizes">Bitmap of its page sizes.</param>
/// <param name="IsCoherent">True when it enforces cache coherency (DMA_CC).</param>
/// <param name="HwInfoType">What GET_HW_INFO calls its data.</param>
/// <param name="HwInfo">Its data, in words of 8 bytes.</param>
/// <param name="HasPasids">True when a page table for PASIDs can be had.</param>
public sealed record Platform(
    string Name,
    string Unit,
    IommuKind Kind,
    IovaRange Aperture,
    IReadOnlyList<IovaRange> Reserved,
    ulong PageSizes,
    bool IsCoherent,
    uint HwInfoType,
    IReadOnlyList<ulong> HwInfo,
    bool HasPasids)
{
    private static readonly IovaRange Interrupts = IovaRange.FromBounds(0xfee0_0000, 0xfeef_ffff);

    /// <summary>VT-d with 48 address bits.</summary>
    public static Platform Vtd48 { get; } = new(
        "vtd48", "dmar0", IommuKind.VtD, IovaRange.FromBounds(0, (1UL << 48) - 1), [Interrupts], 0x4020_1000, IsCoherent: false,
        IommufdUapi.HwInfoIntelVtd, [1, 0x00d2_008c_222f_0686, 0xf0_0f4a], HasPasids: true);

    /// <summary>VT-d with 39 address bits.</summary>
    public static Platform Vtd39 { get; } = Vtd48 with
    {
        Name = "vtd39",
        Aperture = IovaRange.FromBounds(0, (1UL << 39) - 1),
        HwInfo = [1, 0x00d2_008c_2226_0286, 0xf0_0f4a],
    };

    /// <summary>AMD-Vi, which reserves what HyperTransport had.</summary>
    public static Platform AmdVi { get; } = new(
        "amdvi", "ivhd0", IommuKind.AmdVi, IovaRange.FromBounds(0, (1UL << 48) - 1), [Interrupts, IovaRange.FromBounds(0xfd_0000_0000, 0xff_ffff_ffff)],
        0x7f7f_ffff_f000, IsCoherent: true, IommufdUapi.HwInfoNone, [], HasPasids: false);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Platform> All { get; } = [Vtd48, Vtd39, AmdVi];

    /// <summary>The platform of the guest that this process runs in; null elsewhere.</summary>
    public static Platform? OfGuest => All.FirstOrDefault(platform => platform.Name == Environment.GetEnvironmentVariable("LAB_GUEST"));

    /// <summary>The IOVAs that are left for mappings.</summary>
    public IReadOnlyList<IovaRange> Windows
    {
        get
        {
            var windows = new List<IovaRange>();
            var next = Aperture.Start.Value;
            foreach (var hole in Reserved.Where(hole => Aperture.Contains(hole)))
            {
                windows.Add(IovaRange.FromBounds(next, hole.Start.Value - 1));
                next = hole.Last.Value + 1;
            }

            return [.. windows, IovaRange.FromBounds(next, Aperture.Last.Value)];
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
