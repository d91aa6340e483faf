using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>The refusals of iommufd, with what a person can do.</summary>
internal static class IommufdWords
{
    private const string Limit = "the locked-memory limit is too low (ulimit -l, LimitMEMLOCK), or memory is short";

    public static ContainerRefusal OpenContext(Errno errno) => new("open", IommufdContext.Node, errno, errno.Number switch
    {
        2 or 6 or 19 => "the kernel has no iommufd: load the module iommufd, boot a kernel that has it (CONFIG_IOMMUFD), or use the legacy path.",
        1 or 13 => "give this process read and write permission on the node.",
        24 => "this process has as many descriptors open as it may: raise the limit (ulimit -n, LimitNOFILE).",
        _ => "failed to open the iommufd.",
    });

    public static ContainerRefusal NotAnIommufd(string passed, Errno errno) => new("IOMMU_OPTION", passed, errno, errno.Number switch
    {
        9 => $"it is not open in this process: pass a descriptor of {IommufdContext.Node}, without close-on-exec.",
        _ => $"it is not an iommufd: pass a descriptor of {IommufdContext.Node}.",
    });

    public static ContainerRefusal NoNode(HostDevice host) => new(
        "open",
        host.Name,
        Errno.None,
        host.Group is null
            ? "the device is in no IOMMU group: switch the IOMMU on in firmware and on the kernel's command line."
            : host.Driver is null
                ? "the device has no driver: bind it to vfio-pci."
                : $"the device has no VFIO character device: bind it to vfio-pci (it is bound to {host.Driver}), on a kernel with CONFIG_VFIO_DEVICE_CDEV.");

    public static ContainerRefusal OpenDevice(string name, string path, Errno errno) => new("open", path, errno, errno.Number switch
    {
        2 or 6 => $"{name} has no node there: its driver is being unbound, or /dev is not kept up to date (devtmpfs, or a bind mount into the container).",
        1 or 13 => $"{name} may not be opened: give this process read and write permission on the node.",
        19 => $"{name} is being unbound from its VFIO driver.",
        24 => "this process has as many descriptors open as it may: raise the limit (ulimit -n, LimitNOFILE).",
        _ => $"failed to open {name}.",
    });

    public static ContainerRefusal Bind(IommufdDeviceIdentity device, string target, Guid? token, Errno errno) => new(
        "VFIO_DEVICE_BIND_IOMMUFD",
        target,
        errno,
        $"error bind device {device.Name} to the iommufd: {WhyNotBound(device, errno)}{(token is not null && errno == Errno.EINVAL ? ", or it takes no token" : "")}.");

    public static ContainerRefusal Alloc(Errno errno) => new("IOMMU_IOAS_ALLOC", IommufdContext.Node, errno, "Failed to allocate ioas.");

    public static ContainerRefusal Info(Errno errno, string? fault) => new(
        "IOMMU_IOAS_IOVA_RANGES", IommufdContext.Node, errno, $"Failed to get the IOVA ranges{(fault is null ? "" : $": {fault}")}.");

    public static ContainerRefusal Attach(IommufdDevice device, Errno errno) => new(
        "VFIO_DEVICE_ATTACH_IOMMUFD_PT", device.Name, errno, $"Failed to attach {device.Name} to its address space: {WhyNotAttached(device, errno)}.");

    private static string WhyNotBound(IommufdDeviceIdentity device, Errno errno) => errno.Number switch
    {
        1 => $"either another process, another driver or a legacy container owns the DMA of group {device.Group}, or its interrupts are not"
            + " isolated: load iommufd with allow_unsafe_interrupts=1 to override",
        9 => "one of the descriptors is not open",
        13 => "it wants the token of its physical function, or another one",
        16 => $"group {device.Group} is open by its legacy node (lsof /dev/vfio/{device.Group} names who), or its DMA is in use: end that user",
        19 => "the device is in no IOMMU group, or its driver is going away",
        22 => "it is bound already, here or by another process (lsof names who), the descriptor came from a group, firmware needs a direct"
            + " mapping of the device, or its IOMMU cannot keep caches coherent",
        25 => "the descriptor is not that of a VFIO device, or the kernel has no CONFIG_VFIO_DEVICE_CDEV",
        77 => $"what it was to be bound to is not an iommufd: pass a descriptor of {IommufdContext.Node}",
        _ => "the kernel does not say why",
    };

    private static string WhyNotAttached(IommufdDevice device, Errno errno) => errno.Number switch
    {
        2 => "the address space or the device is gone",
        12 => Limit,
        14 => "memory that is mapped for it cannot be pinned",
        16 => "a device of its group is being reset: try again",
        22 => $"another device of group {device.Group} has a page table elsewhere, or its IOMMU cannot use pages this small",
        71 => "the kernel contradicts itself",
        98 => "memory is mapped, or promised, where the device or its IOMMU reserves IOVAs",
        _ => "the kernel does not say why",
    };
}
