using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;

namespace Vmm.Actors.Containers;

/// <summary>Makes the backend that a VM is told to use.</summary>
internal static class ContainerBackends
{
    /// <summary>The backend of a choice; what is not told is seen in the kernel's list of such nodes.</summary>
    public static IContainerBackend Of(BackendChoice choice, HostKernel kernel) =>
        IsIommufd(choice, kernel.Sysfs) ? new IommufdBackend(kernel.Devices) : new Type1Backend(kernel.Devices);

    /// <summary>The node without which that backend does nothing.</summary>
    public static string NodeOf(BackendChoice choice, HostKernel kernel) =>
        IsIommufd(choice, kernel.Sysfs) ? VfioCures.IommufdNode : VfioCures.ContainerNode;

    private static bool IsIommufd(BackendChoice choice, ISysfs sysfs) =>
        choice == BackendChoice.Iommufd || (choice == BackendChoice.Auto && HasIommufdAlone(sysfs));

    private static bool HasIommufdAlone(ISysfs sysfs) =>
        sysfs.List("class/misc") is { IsOk: true, Value: var nodes } && nodes.Contains("iommu") && !nodes.Contains("vfio");
}
