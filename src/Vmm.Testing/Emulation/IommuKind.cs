namespace Vmm.Testing.Emulation;

/// <summary>Whose IOMMU a unit is.</summary>
public enum IommuKind
{
    /// <summary>Intel VT-d; <c>dmarN</c> in sysfs.</summary>
    VtD,

    /// <summary>AMD-Vi; <c>ivhdN</c> in sysfs.</summary>
    AmdVi,

    /// <summary>Arm SMMU; <c>smmu…</c> in sysfs.</summary>
    Smmu,
}
