using Vmm.Cli.Drawing;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Probes;

/// <summary>What a host offers, for people: a line a thing, then each path with what it is missing.</summary>
internal static class ProbeText
{
    private const int Column = 16;

    /// <summary>Writes a report.</summary>
    public static void Write(TextWriter output, string kernel, HostReport report, UInt128? memory)
    {
        Line(output, "kernel", $"{report.Release ?? "of unknown release"} ({kernel})");
        Line(output, "IOMMU", $"{(report.Iommus.Count == 0 ? "none" : string.Join(", ", report.Iommus))}; {report.Groups} groups");
        Node(output, report.Container, $"API version {report.ApiVersion.Value}; {string.Join(", ", report.Extensions.Select(Text))}");
        Node(output, report.Iommufd, report.IoasAlloc.IsNone ? "an address space can be allocated" : $"IOMMU_IOAS_ALLOC: {report.IoasAlloc}");
        foreach (var group in report.GroupNodes)
        {
            Node(output, group.Node, $"{string.Join(", ", group.Devices)}; {(group.IsReady ? "ready" : "not ready")}");
        }

        foreach (var device in report.DeviceNodes)
        {
            Node(output, device.Node, $"{device.Device} of group {device.Group}");
        }

        Line(output, "locked memory", Memlock(report.Rights));
        Line(output, "parameters", Parameters(report.Parameters));
        Node(output, report.Kvm, "KVM");
        output.WriteLine();
        foreach (var path in AssignmentPath.Of(report, memory))
        {
            output.WriteLine($"{path.Name}: {(path.IsOpen ? $"can assign {string.Join(", ", path.Devices)}" : "cannot assign a device")}");
            foreach (var missing in path.Missing)
            {
                output.WriteLine($"  {missing}");
            }
        }
    }

    private static void Node(TextWriter output, NodeAnswer node, string words) =>
        Line(output, node.Path, node.IsOk ? $"opens: {words}" : node.Errno == Errno.EBUSY ? $"{node.Errno}: {node.Cure}" : $"{node.Errno}");

    private static void Line(TextWriter output, string name, string words) => output.WriteLine($"{name.PadRight(Column - 1)} {words}");

    private static string Text(HostReport.Extension extension) => $"{extension.Name} {(extension.IsThere ? "yes" : "no")}";

    private static string Memlock(ProcessRights rights) =>
        $"limit {Limit(rights.SoftLimit)}, hard limit {Limit(rights.HardLimit)}, {(rights.Locked is { } locked ? ByteSize.Of(locked) : "unknown")} taken, CAP_IPC_LOCK {YesOrNo(rights.HasIpcLock)}";

    private static string Limit(ulong? bytes) => bytes switch
    {
        null => "unknown",
        ulong.MaxValue => "none",
        { } limit => ByteSize.Of(limit),
    };

    private static string Parameters(ModuleParameters parameters) =>
        $"allow_unsafe_interrupts {YesOrNo(parameters.AllowUnsafeInterrupts)} (iommufd's {YesOrNo(parameters.IommufdAllowUnsafeInterrupts)}), enable_unsafe_noiommu_mode {YesOrNo(parameters.EnableUnsafeNoIommu)}, dma_entry_limit {parameters.DmaEntryLimit?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}";

    private static string YesOrNo(bool? value) => value switch
    {
        true => "yes",
        false => "no",
        null => "unknown",
    };
}
