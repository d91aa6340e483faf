using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>What a person can do about what a host lacks: said once, for the probe and for every refusal.</summary>
public static class VfioCures
{
    /// <summary>The container node of legacy VFIO.</summary>
    public const string ContainerNode = "/dev/vfio/vfio";

    /// <summary>The node of iommufd.</summary>
    public const string IommufdNode = "/dev/iommu";

    /// <summary>Why a node does not open, and what helps; for nodes of VFIO, iommufd and KVM.</summary>
    /// <param name="node">The node's path.</param>
    /// <param name="errno">What open(2) answered.</param>
    public static string Open(string node, Errno errno) => errno.Number switch
    {
        1 => $"{node} stands for a group without an IOMMU, and using it takes CAP_SYS_RAWIO: run as root, or give the process that capability (AmbientCapabilities=CAP_SYS_RAWIO).",
        2 => Missing(node),
        13 => $"{node} may not be opened: give this process read and write permission on it (udev: SUBSYSTEM==\"{Subsystem(node)}\", GROUP=\"vfio\", MODE=\"0660\", and the user in that group; in a container also its device rules, DeviceAllow={node} rw).",
        16 => $"{node} is in use, and only one may have it open; a group and the devices of iommufd in it exclude each other too.",
        19 => node == ContainerNode || node == IommufdNode
            ? $"{node} is there without the module behind it: modprobe {Module(node)}."
            : $"{node} has no device bound to a VFIO driver any more: bind one (driverctl set-override DEVICE vfio-pci).",
        24 => $"{node} needs a free descriptor: raise the limit on them (LimitNOFILE, ulimit -n).",
        _ => $"failed to open {node}.",
    };

    /// <summary>The locked-memory limit, however it is known to be too low.</summary>
    public static string Memlock =>
        "Raise it: LimitMEMLOCK=infinity in the systemd unit, ulimit -l unlimited in the shell, a memlock line in /etc/security/limits.conf; or give the process CAP_IPC_LOCK, which lifts it";

    /// <summary>A group whose interrupts are not isolated.</summary>
    /// <param name="parameters">What the modules say now.</param>
    /// <param name="isIommufd">True for iommufd, false for type1: each has a parameter of its own.</param>
    public static string UnsafeInterrupts(ModuleParameters parameters, bool isIommufd = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var file = $"/sys/{(isIommufd ? ModuleParameters.IommufdUnsafeInterruptsFile : ModuleParameters.UnsafeInterruptsFile)}";
        return (isIommufd ? parameters.IommufdAllowUnsafeInterrupts : parameters.AllowUnsafeInterrupts) == true
            ? $"{file} is Y already, so it is not the interrupts: a device of the group has a driver that owns its DMA."
            : $"Turn interrupt remapping on in the firmware, or write Y to {file}: then a guest can send interrupts to the host as any device, so only for guests that are trusted.";
    }

    /// <summary>No IOMMU translates for any device.</summary>
    public const string NoIommu =
        "switch the IOMMU on in the firmware (VT-d, AMD-Vi, SMMU) and on the kernel's command line (intel_iommu=on; AMD's needs nothing), then start again";

    /// <summary>No device is bound to a VFIO driver.</summary>
    public const string NoDevice =
        "bind a device to vfio-pci: modprobe vfio-pci, then driverctl set-override DEVICE vfio-pci, or write vfio-pci to its driver_override and its name to drivers_probe; vmm topology shows which groups can be given to a VM";

    private static string Missing(string node) => node switch
    {
        ContainerNode => $"the kernel has no VFIO container: modprobe vfio (CONFIG_VFIO_CONTAINER); in a container, pass {node} in.",
        IommufdNode => $"the kernel has no iommufd: modprobe iommufd (CONFIG_IOMMUFD, which some distributions leave out); in a container, pass {node} in.",
        "/dev/kvm" => "the kernel has no KVM: modprobe kvm_intel or kvm_amd, and switch virtualisation on in the firmware.",
        _ => $"{node} is not there: bind the group's devices to vfio-pci, or look for the group's number in /sys/kernel/iommu_groups; in a container, pass the node in.",
    };

    private static string Module(string node) => node == IommufdNode ? "iommufd" : "vfio";

    private static string Subsystem(string node) => node switch
    {
        ContainerNode or IommufdNode or "/dev/kvm" => "misc",
        _ when node.StartsWith("/dev/vfio/devices/", StringComparison.Ordinal) => "vfio-dev",
        _ => "vfio",
    };
}
