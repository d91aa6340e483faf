using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Probes;

/// <summary>The document of <c>vmm probe --json</c>; <c>docs/cli.md</c> describes it.</summary>
/// <param name="Kernel">Which kernel: its name and release.</param>
/// <param name="Iommus">Names of the IOMMUs.</param>
/// <param name="IommuGroups">How many groups there are.</param>
/// <param name="Container">The container node.</param>
/// <param name="ApiVersion">The version of VFIO's API; null where it is not told.</param>
/// <param name="Extensions">What the container says of each extension.</param>
/// <param name="Iommufd">The node of iommufd.</param>
/// <param name="IoasAlloc">Null where an address space can be allocated.</param>
/// <param name="Groups">Nodes of groups.</param>
/// <param name="Devices">Nodes of devices.</param>
/// <param name="LockedMemory">What this process may lock.</param>
/// <param name="Parameters">Module parameters.</param>
/// <param name="Kvm">KVM.</param>
/// <param name="Paths">By which paths a device can be assigned.</param>
internal sealed record ProbeDocument(
    ProbeDocument.Running Kernel,
    IReadOnlyList<string> Iommus,
    int IommuGroups,
    ProbeDocument.Node Container,
    long? ApiVersion,
    IReadOnlyList<ProbeDocument.Extension> Extensions,
    ProbeDocument.Node Iommufd,
    string? IoasAlloc,
    IReadOnlyList<ProbeDocument.Group> Groups,
    IReadOnlyList<ProbeDocument.Device> Devices,
    ProbeDocument.Memlock LockedMemory,
    ModuleParameters Parameters,
    ProbeDocument.Node Kvm,
    IReadOnlyList<ProbeDocument.Path> Paths)
{
    /// <summary>The document of a report.</summary>
    public static ProbeDocument Of(string kernel, HostReport report, UInt128? memory) => new(
        new Running(kernel, report.Release),
        report.Iommus,
        report.Groups,
        NodeOf(report.Container),
        report.ApiVersion.IsOk ? report.ApiVersion.Value : null,
        [.. report.Extensions.Select(extension => new Extension(extension.Number, extension.Name, extension.IsThere))],
        NodeOf(report.Iommufd),
        Name(report.IoasAlloc),
        [.. report.GroupNodes.Select(GroupOf)],
        [.. report.DeviceNodes.Select(device => new Device(device.Device, device.Group, NodeOf(device.Node)))],
        MemlockOf(report.Rights, memory),
        report.Parameters,
        NodeOf(report.Kvm),
        [.. AssignmentPath.Of(report, memory).Select(path => new Path(path.Name, path.IsOpen, path.Devices, path.Missing))]);

    private static Group GroupOf(HostReport.GroupNode group) => new(
        group.Number,
        group.HasIommu,
        NodeOf(group.Node),
        group.Status is { IsOk: true, Value: var status } ? status.IsViable : null,
        group.Devices,
        group.InTheWay);

    private static Memlock MemlockOf(ProcessRights rights, UInt128? memory) => new(
        rights.SoftLimit is { } soft && soft != ulong.MaxValue ? soft : null,
        rights.HardLimit is { } hard && hard != ulong.MaxValue ? hard : null,
        rights.Locked,
        rights.HasIpcLock,
        rights.IsUnlimited,
        (ulong?)memory);

    private static Node NodeOf(NodeAnswer node) => new(node.Path, node.IsOk, Name(node.Errno), node.Cure);

    private static string? Name(Errno errno) => errno.IsNone ? null : errno.Name;

    /// <summary>A kernel.</summary>
    internal sealed record Running(string Name, string? Release);

    /// <summary>A node: whether it opens, and where not the errno and what helps.</summary>
    internal sealed record Node(string Path, bool Opens, string? Errno, string? Cure);

    /// <summary>An extension of the container.</summary>
    internal sealed record Extension(int Number, string Name, bool IsThere);

    /// <summary>A group's node.</summary>
    internal sealed record Group(int Number, bool HasIommu, Node Node, bool? IsViable, IReadOnlyList<string> Devices, IReadOnlyList<string> InTheWay);

    /// <summary>A device's node.</summary>
    internal sealed record Device(string Name, int? Group, Node Node);

    /// <summary>RLIMIT_MEMLOCK in bytes; a limit that is null is none, or not known, and what is locked is null where it is not known.</summary>
    internal sealed record Memlock(ulong? SoftLimit, ulong? HardLimit, ulong? Locked, bool? HasIpcLock, bool IsUnlimited, ulong? Asked);

    /// <summary>A path.</summary>
    internal sealed record Path(string Name, bool IsOpen, IReadOnlyList<string> Devices, IReadOnlyList<string> Missing);
}
