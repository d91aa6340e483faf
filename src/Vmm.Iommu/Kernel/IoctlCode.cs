namespace Vmm.Iommu.Kernel;

/// <summary>An ioctl request number, its name, and whether its struct begins with its own size in bytes (argsz, size).</summary>
/// <param name="Number">The number on x86 and arm64.</param>
/// <param name="Name">The kernel's name, such as <c>VFIO_IOMMU_MAP_DMA</c>. Several names share a number: the descriptor decides.</param>
/// <param name="HasSize">True when the first four bytes of the struct are its size.</param>
public readonly record struct IoctlCode(uint Number, string Name, bool HasSize)
{
    /// <summary>The kernel's name.</summary>
    public override string ToString() => Name;
}
