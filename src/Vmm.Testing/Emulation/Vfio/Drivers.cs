namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What the name of a driver says about how it treats DMA.</summary>
internal static class Drivers
{
    /// <summary>True for drivers that hand their device to user space: vfio-pci and its variants.</summary>
    public static bool IsVfio(string driver) => driver.Contains("vfio", StringComparison.Ordinal);

    /// <summary>KERNEL: drivers that say driver_managed_dma leave the group's default domain alone.</summary>
    public static bool ManagesDma(string driver) => IsVfio(driver) || driver is "pci-stub" or "pcieport";
}
