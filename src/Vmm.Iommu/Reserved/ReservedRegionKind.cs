namespace Vmm.Iommu.Reserved;

/// <summary>The kinds of the kernel's <c>reserved_regions</c> file, and what each means to us.</summary>
public enum ReservedRegionKind
{
    /// <summary><c>direct</c>: firmware needs a 1:1 mapping. The group cannot be used at all.</summary>
    Direct,

    /// <summary><c>direct-relaxable</c>: 1:1 wish that may be ignored. Never a conflict, never cut.</summary>
    DirectRelaxable,

    /// <summary><c>reserved</c>: never translated as asked. A hole.</summary>
    Reserved,

    /// <summary><c>msi</c>: the interrupt window, hardware's or software's. A hole.</summary>
    Msi,

    /// <summary>A hole that the user asked for.</summary>
    User,
}
