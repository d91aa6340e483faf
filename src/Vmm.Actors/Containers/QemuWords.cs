using System.Runtime.InteropServices;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>QEMU: refusals as its clients see them; tools match on these texts, so they are QEMU's to the letter.</summary>
internal static class QemuWords
{
    /// <summary>The device is attached.</summary>
    public const string Twice = "device is already attached";

    /// <summary>Why a device does not join, in front of whatever refused it.</summary>
    public static string Device(string device, string words) => $"vfio {device}: {words}";

    /// <summary>Why a container is not to be had.</summary>
    /// <param name="group">The group of a legacy container; null for iommufd, where nothing is put in front.</param>
    /// <param name="words">What refused it.</param>
    public static string Setup(int? group, string words) => group is null ? words : $"failed to setup container for group {group}: {words}";

    /// <summary>The first view cannot be mapped.</summary>
    public static string Listener(int? group, string words) => Setup(group, $"memory listener initialization failed: {words}");

    /// <summary>The group belongs to another space.</summary>
    public static string InAnotherSpace(int group) => $"group {group} used in multiple address spaces";

    /// <summary>The VMM goes on discarding RAM.</summary>
    public static string Discard(int? group, Errno errno) => Setup(group, $"Cannot set discarding of RAM broken: {Meaning(errno)}");

    /// <summary>A call on a group, container or device failed.</summary>
    /// <param name="refusal">Which call, and how.</param>
    /// <param name="group">The group.</param>
    public static string Of(ContainerRefusal refusal, int group) => refusal.Operation switch
    {
        "open" when refusal.Target == $"/dev/vfio/{group}" => $"failed to open {refusal.Target}: {Meaning(refusal.Errno)}",
        "open" => Setup(group, $"failed to open {refusal.Target}: {Meaning(refusal.Errno)}"),
        "VFIO_GROUP_GET_STATUS" when refusal.Errno.IsNone => $"group {group} is not viable",
        "VFIO_GROUP_GET_STATUS" => $"failed to get group {group} status: {Meaning(refusal.Errno)}",
        "VFIO_CHECK_EXTENSION" => Setup(group, "No available IOMMU models"),
        "VFIO_GROUP_SET_CONTAINER" => Setup(group, $"Failed to set group container: {Meaning(refusal.Errno)}"),
        "VFIO_SET_IOMMU" => Setup(group, $"Failed to set iommu for container: {Meaning(refusal.Errno)}"),
        "VFIO_IOMMU_GET_INFO" => Setup(group, "Failed to get VFIO IOMMU info"),
        "VFIO_GROUP_GET_DEVICE_FD" => $"error getting device from group {group}: {Meaning(refusal.Errno)}",
        _ => Setup(group, refusal.Words),
    };

    /// <summary>A map failed.</summary>
    /// <param name="container">What stands for QEMU's pointer to its container: the descriptor.</param>
    /// <param name="map">What was to be mapped.</param>
    /// <param name="errno">What the kernel answered.</param>
    public static string Map(int container, PlannedMapping map, Errno errno) =>
        $"Region {map.Section.Name}: vfio_container_dma_map(0x{container:x}, 0x{map.Range.Start.Value:x}, 0x{map.Range.Length:x}, "
        + $"0x{map.Block.Address.Plus(map.Offset).Value:x}) = -{errno.Number} ({Meaning(errno)})";

    /// <summary>The C library's words, as QEMU prints them.</summary>
    private static string Meaning(Errno errno) => Marshal.GetPInvokeErrorMessage(errno.Number);
}
