using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Type1;

/// <summary>The refusals of opening a type1 container, in the words that users search for.</summary>
internal static class Type1Words
{
    /// <summary>Neither version of type1.</summary>
    public static readonly ContainerRefusal NoModel = new(
        "VFIO_CHECK_EXTENSION",
        Type1Container.Node,
        Errno.None,
        $"No available IOMMU models: modprobe vfio_iommu_type1, and {VfioCures.NoIommu}.");

    public static ContainerRefusal Open(Errno errno) => new("open", Type1Container.Node, errno, VfioCures.Open(Type1Container.Node, errno));

    public static ContainerRefusal Version(SysResult version) => new(
        "VFIO_GET_API_VERSION",
        Type1Container.Node,
        version.Errno,
        version.IsOk
            ? $"supported vfio version: {VfioUapi.ApiVersion}, reported version: {version.Value}."
            : "failed to get the VFIO API version.");

    public static ContainerRefusal Extension(Errno errno) => new(
        "VFIO_CHECK_EXTENSION", Type1Container.Node, errno, "failed to ask which IOMMU models the kernel has: try again.");

    public static ContainerRefusal SetContainer(VfioGroup group, Errno errno) => new(
        "VFIO_GROUP_SET_CONTAINER", group.Path, errno, $"Failed to set group container.{Cure(group, errno)}");

    public static ContainerRefusal SetIommu(VfioGroup group, Errno errno) => new(
        "VFIO_SET_IOMMU", group.Path, errno, $"Failed to set iommu for container.{Cure(group, errno)}");

    public static ContainerRefusal Info(Errno errno, string? fault) => new(
        "VFIO_IOMMU_GET_INFO", Type1Container.Node, errno, $"Failed to get VFIO IOMMU info{(fault is null ? "" : $": {fault}")}.");

    /// <summary>What a person can do, for the errnos that have one likely cause here.</summary>
    private static string Cure(VfioGroup group, Errno errno) => errno.Number switch
    {
        1 => $" Either group {group.Number} is not viable (a device of it has another driver), or its interrupts are not isolated:"
            + " Use the \"allow_unsafe_interrupts\" module parameter to override.",
        12 => " The locked-memory limit is too low, or memory is short.",
        16 => $" Another driver or process owns the DMA of group {group.Number}.",
        22 => $" Group {group.Number}'s aperture or reserved regions fit nothing, or firmware needs a direct mapping of it.",
        _ => "",
    };
}
