using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>Adds to a refusal what the host says about its cause: who has a node open, which limit holds, what a module's parameter is.</summary>
public static class RefusalFacts
{
    /// <summary>The refusal with what is known; unchanged where nothing is to be added. Reads /proc and /sys, changes nothing.</summary>
    /// <param name="kernel">Which kernel refused.</param>
    /// <param name="refusal">The refusal.</param>
    public static ContainerRefusal Explain(HostKernel kernel, ContainerRefusal refusal)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(refusal);
        return FactOf(kernel, refusal) is { } fact ? refusal with { Words = $"{refusal.Words} {fact}" } : refusal;
    }

    private static string? FactOf(HostKernel kernel, ContainerRefusal refusal) => (refusal.Operation, refusal.Errno.Number) switch
    {
        ("open" or "VFIO_GROUP_SET_CONTAINER", 16) when refusal.Target.StartsWith('/') => NodeHolders.Of(kernel.Proc, refusal.Target).Words,
        ("VFIO_DEVICE_BIND_IOMMUFD", 16) => GroupNodeOf(kernel.Sysfs, refusal.Target) is { } node ? NodeHolders.Of(kernel.Proc, node).Words : null,
        ("VFIO_DEVICE_BIND_IOMMUFD", 22) when refusal.Target.StartsWith('/') => NodeHolders.Of(kernel.Proc, refusal.Target).Words,
        ("VFIO_DEVICE_BIND_IOMMUFD", 1) => VfioCures.UnsafeInterrupts(ModuleParameters.Read(kernel.Sysfs), isIommufd: true),
        ("VFIO_SET_IOMMU", 1) => VfioCures.UnsafeInterrupts(ModuleParameters.Read(kernel.Sysfs)),
        ("VFIO_SET_IOMMU" or "VFIO_IOMMU_MAP_DMA" or "IOMMU_IOAS_MAP" or "IOMMU_IOAS_MAP_FILE", 12) => LimitOf(ProcessRights.Read(kernel.Proc)),
        _ => null,
    };

    /// <summary>The legacy node of the group that a device's node belongs to: what keeps the device from iommufd while it is open.</summary>
    private static string? GroupNodeOf(ISysfs sysfs, string device)
    {
        var name = device[(device.LastIndexOf('/') + 1)..];
        var link = sysfs.ReadLink(device.StartsWith('/') ? $"class/vfio-dev/{name}/device/iommu_group" : $"bus/pci/devices/{name}/iommu_group");
        return link.IsOk ? $"/dev/vfio/{link.Value[(link.Value.LastIndexOf('/') + 1)..]}" : null;
    }

    private static string? LimitOf(ProcessRights rights) =>
        rights.IsUnlimited || rights.SoftLimit is not { } limit
            ? null
            : $"This process may lock {LockedMemory.Size(limit)}{(rights.Locked is { } locked ? $", {LockedMemory.Size(locked)} of it taken already" : "")}. {VfioCures.Memlock}.";
}
