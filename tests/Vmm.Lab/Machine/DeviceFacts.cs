using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>What the kernel says of a device that sysfs does not.</summary>
/// <param name="CanReset">True when a reset of this function alone is possible.</param>
/// <param name="IsExpress">True for PCI Express: 4 KiB of configuration space.</param>
/// <param name="Vectors">Its message interrupts.</param>
internal sealed record DeviceFacts(bool CanReset, bool IsExpress, InterruptVectors Vectors)
{
    /// <summary>A device that nobody can open.</summary>
    public static readonly DeviceFacts Unknown = new(CanReset: false, IsExpress: true, new InterruptVectors(1, 0));
}
