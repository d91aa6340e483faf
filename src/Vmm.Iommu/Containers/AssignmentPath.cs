using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers;

/// <summary>One of the kernel's ways to give a device to a VM: whether it is open on a host, and if not what is missing.</summary>
/// <param name="Name"><c>type1</c>, <c>iommufd</c> or <c>noiommu</c>.</param>
/// <param name="Devices">Devices that can be assigned by it now.</param>
/// <param name="Missing">What is missing, each with its errno and cure; empty where nothing is.</param>
public sealed record AssignmentPath(string Name, IReadOnlyList<string> Devices, IReadOnlyList<string> Missing)
{
    /// <summary>True when a device can be assigned by it.</summary>
    public bool IsOpen => Missing.Count == 0 && Devices.Count > 0;

    /// <summary>Judges what a host has answered. Pure.</summary>
    /// <param name="report">What it has answered.</param>
    /// <param name="memory">Bytes of memory of the VM; null where they are not said, and the limit on locked memory decides nothing.</param>
    public static IReadOnlyList<AssignmentPath> Of(HostReport report, UInt128? memory = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [Type1(report, memory), Iommufd(report, memory), NoIommu(report)];
    }

    private static AssignmentPath Type1(HostReport report, UInt128? memory)
    {
        var missing = ContainerMissing(report);
        if (report.Container.IsOk && !Has(report, "type1") && !Has(report, "type1v2"))
        {
            missing.Add($"the container has no type1: modprobe vfio_iommu_type1; {VfioCures.NoIommu}.");
        }

        var groups = report.GroupNodes.Where(group => group.HasIommu).ToList();
        var devices = groups.Where(group => group.IsReady).SelectMany(group => group.Devices).ToList();
        if (devices.Count == 0)
        {
            missing.AddRange(groups.Count == 0 ? [WhyNoGroup(report)] : groups.Select(WhyNotReady));
        }

        AddMemlock(missing, report.Rights, memory, countsLocked: true);
        return new("type1", devices, missing);
    }

    private static AssignmentPath Iommufd(HostReport report, UInt128? memory)
    {
        var missing = new List<string>();
        if (!report.Iommufd.IsOk)
        {
            missing.Add(Words(report.Iommufd));
        }
        else if (!report.IoasAlloc.IsNone)
        {
            missing.Add($"{VfioCures.IommufdNode} opens but allocates no address space: IOMMU_IOAS_ALLOC: {report.IoasAlloc}.");
        }

        var nodes = report.DeviceNodes.Select(device => (device.Device, Why: WhyNotBound(report, device))).ToList();
        var devices = nodes.Where(node => node.Why is null).Select(node => node.Device).ToList();
        if (devices.Count == 0)
        {
            missing.AddRange(nodes.Count == 0 ? [WhyNoDeviceNode(report)] : nodes.Select(node => node.Why!));
        }

        AddMemlock(missing, report.Rights, memory, countsLocked: false);
        return new("iommufd", devices, missing);
    }

    private static AssignmentPath NoIommu(HostReport report)
    {
        var missing = ContainerMissing(report);
        if (report.Container.IsOk && !Has(report, "noiommu"))
        {
            missing.Add(report.Parameters.EnableUnsafeNoIommu is null
                ? "the kernel has no no-IOMMU mode (CONFIG_VFIO_NOIOMMU)."
                : $"it is off (/sys/{ModuleParameters.UnsafeNoIommuFile} is N), and that is right for most hosts: nothing would stop such a device from writing to any of the host's memory.");
        }
        else if (report.Rights.HasRawIo == false)
        {
            missing.Add("it takes CAP_SYS_RAWIO: run as root, or give the process that capability.");
        }

        var groups = report.GroupNodes.Where(group => !group.HasIommu).ToList();
        var devices = groups.Where(group => group.IsReady).SelectMany(group => group.Devices).ToList();
        if (devices.Count == 0 && missing.Count == 0)
        {
            missing.AddRange(groups.Count == 0 ? ["no device without an IOMMU is bound to a VFIO driver."] : groups.Select(WhyNotReady));
        }

        return new("noiommu", devices, missing);
    }

    private static List<string> ContainerMissing(HostReport report) =>
        !report.Container.IsOk ? [Words(report.Container)]
        : !report.ApiVersion.IsOk ? [$"VFIO_GET_API_VERSION: {report.ApiVersion.Errno}."]
        : report.ApiVersion.Value != 0 ? [$"the kernel's VFIO API has version {report.ApiVersion.Value}, and 0 is the one that is known."]
        : [];

    private static bool Has(HostReport report, string name) => report.Extensions.Any(extension => extension.Name == name && extension.IsThere);

    private static string WhyNoGroup(HostReport report) =>
        report.Groups == 0 ? $"there are no IOMMU groups: {VfioCures.NoIommu}." : $"no device is bound to VFIO: {VfioCures.NoDevice}.";

    private static string WhyNoDeviceNode(HostReport report) =>
        report.GroupNodes.Any(group => group.HasIommu && group.Devices.Count > 0)
            ? "devices are bound to VFIO, and none has a node below /dev/vfio/devices: the kernel was built without CONFIG_VFIO_DEVICE_CDEV; use the groups."
            : WhyNoGroup(report);

    private static string WhyNotReady(HostReport.GroupNode group) =>
        !group.Node.IsOk ? Words(group.Node)
        : group.Status is { IsOk: false } failed ? $"{group.Node.Path}: VFIO_GROUP_GET_STATUS: {failed.Errno}."
        : group.Status is { Value.HasContainer: true } ? $"{group.Node.Path} is in a container already."
        : $"group {group.Number} is not viable{InTheWay(group)}. Please ensure all devices within the iommu_group are bound to their vfio bus driver.";

    private static string InTheWay(HostReport.GroupNode group) => group.InTheWay.Count == 0 ? string.Empty : $": {string.Join(", ", group.InTheWay)}";

    /// <summary>KERNEL: a device binds to iommufd while nobody has its group open and no driver owns the group's DMA.</summary>
    private static string? WhyNotBound(HostReport report, HostReport.DeviceNode device)
    {
        var group = report.GroupNodes.FirstOrDefault(candidate => candidate.Number == device.Group);
        return !device.Node.IsOk ? Words(device.Node)
            : group?.Node.Errno == Errno.EBUSY ? $"{device.Device} cannot be bound: {Words(group.Node)}"
            : group is { Node.IsOk: true, IsReady: false } ? WhyNotReady(group)
            : null;
    }

    private static string Words(NodeAnswer node) => $"{node.Path}: {node.Errno}: {node.Cure}";

    private static void AddMemlock(List<string> missing, ProcessRights rights, UInt128? memory, bool countsLocked)
    {
        if (memory is { } bytes && LockedMemory.Refuse(rights, bytes, countsLocked) is { } refusal)
        {
            missing.Add(refusal.ToString());
        }
    }
}
