using Vmm.Actors.Containers;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Actors;

/// <summary>Asks a kernel what a device allows, by the path that a VM takes.</summary>
public static class DeviceProbe
{
    /// <summary>
    /// Asks by an empty container or IOAS: opened, asked and undone at once. Nothing is mapped and nothing pinned. While it runs nobody
    /// else can open the device. What fails is said in the answer.
    /// </summary>
    /// <param name="choice">The path.</param>
    /// <param name="kernel">Which kernel.</param>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device, bound to VFIO.</param>
    public static ContainerProbe Query(BackendChoice choice, HostKernel kernel, IommuGroup group, HostDevice device)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(device);
        return ContainerBackends.Of(choice, kernel).Probe(group, device);
    }
}
