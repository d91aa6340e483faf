namespace Vmm.Actors;

/// <summary>By which of the kernel's paths a VM's devices are opened and its containers made.</summary>
public enum BackendChoice
{
    /// <summary>
    /// Legacy containers where the kernel has them, since they map BARs of devices for each other without a dma-buf; else
    /// iommufd. Decided when the VM starts.
    /// </summary>
    Auto,

    /// <summary>Legacy containers: <c>/dev/vfio/vfio</c>, and a node a group.</summary>
    Type1,

    /// <summary>iommufd: one <c>/dev/iommu</c> a VM, and a node a device.</summary>
    Iommufd,
}
