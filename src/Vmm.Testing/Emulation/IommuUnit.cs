using Vmm.Iommu.Addressing;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation;

/// <summary>One IOMMU of a host. What sysfs does not say (aperture, page sizes) has the defaults of a real one, and can be set before use.</summary>
public sealed class IommuUnit
{
    /// <summary>KERNEL: AMD's page tables have every power of two but 512 GiB, which they cannot say.</summary>
    private const ulong AmdPageSizes = 0x7f7f_ffff_f000;

    private Errno _failure = Errno.None;
    private int _failures;

    internal IommuUnit(string name, IommuKind kind)
    {
        Name = name;
        Kind = kind;
        (PageSizes, EnforcesCoherency) = kind == IommuKind.AmdVi ? (new(AmdPageSizes), true) : (PageSizes.Usual, false);
    }

    /// <summary>Its name in <c>/sys/class/iommu</c>, such as <c>dmar0</c>.</summary>
    public string Name { get; }

    /// <summary>Whose it is.</summary>
    public IommuKind Kind { get; }

    /// <summary>The IOVAs its page tables can hold, both ends inclusive; 48 bits unless set.</summary>
    public IovaRange Aperture { get; set; } = IovaRange.FromBounds(0, 0xffff_ffff_ffff);

    /// <summary>Its page sizes. Unless set 4 KiB, 2 MiB and 1 GiB, and for AMD-Vi every power of two from 4 KiB on but 512 GiB.</summary>
    public PageSizes PageSizes { get; set; }

    /// <summary>True when interrupts are remapped, so that a device cannot forge another's; without it attaching is EPERM.</summary>
    public bool HasIsolatedMsi { get; set; } = true;

    /// <summary>True when it can force devices' accesses to be cache coherent (extension 4, DMA_CC). Unless set true for AMD-Vi alone: VT-d has it as an option.</summary>
    public bool EnforcesCoherency { get; set; }

    /// <summary>True when its page tables can tell which pages devices wrote (IOMMU_HW_CAP_DIRTY_TRACKING).</summary>
    public bool TracksDirty { get; set; }

    /// <summary>Lets the driver of this IOMMU fail to make a page table; a group that is attached needs one before it can share another's.</summary>
    /// <param name="errno">What it answers.</param>
    /// <param name="times">How often from now on; <see cref="int.MaxValue"/> for good.</param>
    public void FailDomains(Errno errno, int times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        (_failure, _failures) = (errno, times);
    }

    /// <summary>Makes a page table, or says why not.</summary>
    internal Errno AllocateDomain()
    {
        if (_failures == 0)
        {
            return Errno.None;
        }

        _failures -= _failures == int.MaxValue ? 0 : 1;
        return _failure;
    }

    /// <summary>The kind by a name of <c>/sys/class/iommu</c>; VT-d for a name that tells nothing.</summary>
    internal static IommuKind KindOf(string name) => name switch
    {
        _ when name.StartsWith("ivhd", StringComparison.Ordinal) => IommuKind.AmdVi,
        _ when name.StartsWith("smmu", StringComparison.Ordinal) => IommuKind.Smmu,
        _ => IommuKind.VtD,
    };

    /// <summary>True when a page table made for <paramref name="other"/> serves this unit as well.</summary>
    internal bool Accepts(IommuUnit other) =>
        Kind == other.Kind && Aperture == other.Aperture && PageSizes == other.PageSizes && EnforcesCoherency == other.EnforcesCoherency;
}
