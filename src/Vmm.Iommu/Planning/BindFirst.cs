using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Planning;

/// <summary>The condition that a device has a VFIO driver: the kernel hands out no other, however well its group fits.</summary>
public static class BindFirst
{
    /// <summary>What has to be done before the device can be attached; empty when it is bound to VFIO.</summary>
    /// <param name="device">The device.</param>
    public static IReadOnlyList<string> Of(HostDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Binding == DriverBinding.Vfio
            ? []
            : [$"bind {device.Name} to {DriverFor(device)} first: it has {(device.Driver is { } driver ? $"the driver {driver}" : "no driver")}"];
    }

    private static string DriverFor(HostDevice device) => device.Bus switch
    {
        "pci" => "vfio-pci",
        "platform" => "vfio-platform",
        "amba" => "vfio-amba",
        "cdx" => "vfio-cdx",
        "fsl-mc" => "vfio-fsl-mc",
        "ap" => "vfio_ap",
        "ccw" or "css" => "vfio_ccw",
        _ => "a VFIO driver",
    };
}
