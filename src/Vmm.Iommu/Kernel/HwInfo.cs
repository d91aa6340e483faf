namespace Vmm.Iommu.Kernel;

/// <summary>What IOMMU_GET_HW_INFO says of the IOMMU in front of a device.</summary>
/// <param name="DataType">What <paramref name="Data"/> are: <see cref="IommufdUapi.HwInfoIntelVtd"/> and others; 0 for none.</param>
/// <param name="Capabilities"><see cref="IommufdUapi.HwCapDirtyTracking"/> and others.</param>
/// <param name="MaxPasidLog2">log2 of the number of PASIDs; 0 without them.</param>
/// <param name="Data">The driver's struct; as many bytes as the kernel has.</param>
public sealed record HwInfo(uint DataType, ulong Capabilities, byte MaxPasidLog2, byte[] Data)
{
    /// <summary>True when the IOMMU can note which pages were written.</summary>
    public bool HasDirtyTracking => (Capabilities & IommufdUapi.HwCapDirtyTracking) != 0;
}
