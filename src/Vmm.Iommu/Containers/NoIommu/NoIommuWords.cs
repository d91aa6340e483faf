using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.NoIommu;

/// <summary>The refusals of opening a container without an IOMMU.</summary>
internal static class NoIommuWords
{
    private const string Privilege = "groups without an IOMMU are only for a process with CAP_SYS_RAWIO";

    public static ContainerRefusal Open(Errno errno) => new("open", NoIommuContainer.Node, errno, VfioCures.Open(NoIommuContainer.Node, errno));

    public static ContainerRefusal Version(SysResult version) => new(
        "VFIO_GET_API_VERSION",
        NoIommuContainer.Node,
        version.Errno,
        version.IsOk
            ? $"supported vfio version: {VfioUapi.ApiVersion}, reported version: {version.Value}."
            : "failed to get the VFIO API version.");

    public static ContainerRefusal NotOffered(Errno errno) => new(
        "VFIO_CHECK_EXTENSION",
        NoIommuContainer.Node,
        errno,
        "the kernel does not offer devices without an IOMMU: load vfio with enable_unsafe_noiommu_mode=1 if they may reach all of its memory.");

    public static ContainerRefusal SetContainer(VfioGroup group, Errno errno) => new(
        "VFIO_GROUP_SET_CONTAINER", group.Path, errno, $"Failed to set group container{Why(errno)}.");

    public static ContainerRefusal SetIommu(VfioGroup group, Errno errno) => new(
        "VFIO_SET_IOMMU", group.Path, errno, $"Failed to set iommu for container{Why(errno)}.");

    private static string Why(Errno errno) => errno.Number switch
    {
        1 => $": {Privilege}",
        19 => ": the group has an IOMMU",
        _ => "",
    };
}
