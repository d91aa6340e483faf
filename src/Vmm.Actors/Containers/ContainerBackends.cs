using Vmm.Iommu.Kernel;

namespace Vmm.Actors.Containers;

/// <summary>Makes the backend that a VM is told to use.</summary>
internal static class ContainerBackends
{
    /// <summary>The backend of a choice; what is not told is seen in the kernel's list of such nodes.</summary>
    public static IContainerBackend Of(BackendChoice choice, HostKernel kernel) => choice switch
    {
        BackendChoice.Iommufd => new IommufdBackend(kernel.Devices),
        BackendChoice.Auto when HasIommufdAlone(kernel.Sysfs) => new IommufdBackend(kernel.Devices),
        _ => new Type1Backend(kernel.Devices),
    };

    private static bool HasIommufdAlone(ISysfs sysfs) =>
        sysfs.List("class/misc") is { IsOk: true, Value: var nodes } && nodes.Contains("iommu") && !nodes.Contains("vfio");
}
