using Vmm.Iommu.Kernel;

namespace Vmm.Iommu.Containers;

/// <summary>One kind of interrupt of a device, and how many of it there are.</summary>
/// <param name="Index">VFIO's number of the kind, such as <see cref="VfioUapi.PciMsix"/>.</param>
/// <param name="Vectors">How many; 0 where the device has none of the kind.</param>
/// <param name="Flags"><see cref="VfioUapi.IrqEventfd"/>, <see cref="VfioUapi.IrqMaskable"/>, <see cref="VfioUapi.IrqAutomasked"/>, <see cref="VfioUapi.IrqNoResize"/>.</param>
public sealed record InterruptIndex(uint Index, uint Vectors, uint Flags)
{
    /// <summary>True when an eventfd can be signalled by it.</summary>
    public bool TakesEvents => Vectors > 0 && (Flags & VfioUapi.IrqEventfd) != 0;

    /// <summary>True when it can be masked and unmasked.</summary>
    public bool CanMask => (Flags & VfioUapi.IrqMaskable) != 0;

    /// <summary>True when it masks itself as it is signalled, and is silent until it is unmasked.</summary>
    public bool MasksItself => (Flags & VfioUapi.IrqAutomasked) != 0;

    /// <summary>True when vectors beyond those that were asked for at first can be added while it is on.</summary>
    public bool CanGrow => (Flags & VfioUapi.IrqNoResize) == 0;
}
