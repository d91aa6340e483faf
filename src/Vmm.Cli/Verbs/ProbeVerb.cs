using System.CommandLine;
using System.Globalization;
using Vmm.Cli.Probes;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Kernel;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm probe</c>: what this machine offers for assigning devices, and what is missing.</summary>
internal static class ProbeVerb
{
    private const string Remarks = """
        Nodes are opened, asked and closed; nothing is attached, mapped or bound. A group's node is held for that moment.

        Paths: type1 (groups in a container), iommufd (single devices), noiommu (no protection).
        Exit codes: 0 a device can be assigned by one of them, 1 by none; what is missing is listed with its cure. 2 error.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var memory = new Option<string>("--memory")
        {
            Description = "Memory of the VM that is to be locked, such as 4G: is the limit on locked memory high enough for it?",
            HelpName = "SIZE",
        };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of text." };
        var record = RecordOption.Create();
        var verb = new Command("probe", "Tells what this machine offers for assigning devices: nodes, groups, limits, modules; and what helps where something is missing.")
        {
            memory,
            record,
            json,
        };
        verb.WithExamples("vmm probe --memory 4G", "vmm probe --json").WithRemarks(Remarks);
        verb.SetAction(parsed => RecordOption.With(
            parsed.GetValue(record),
            file => Run(console, file?.Record(LinuxKernel.Create()) ?? LinuxKernel.Create(), parsed.GetValue(memory), parsed.GetValue(json))));
        return verb;
    }

    /// <summary>Probes a kernel.</summary>
    /// <param name="console">Where the report goes.</param>
    /// <param name="kernel">Which kernel.</param>
    /// <param name="memoryText">Memory of the VM, or null.</param>
    /// <param name="json">True for a document.</param>
    /// <returns>0 where a device can be assigned, 1 where none can.</returns>
    internal static int Run(CliConsole console, HostKernel kernel, string? memoryText, bool json)
    {
        UInt128? memory = memoryText is null ? null : SizeOf(memoryText);
        var report = HostProbe.Query(kernel);
        if (json)
        {
            JsonOutput.WriteDocument(console.Out, ProbeDocument.Of(kernel.Name, report, memory));
        }
        else
        {
            ProbeText.Write(console.Out, kernel.Name, report, memory);
        }

        return AssignmentPath.Of(report, memory).Any(path => path.IsOpen) ? ExitCode.Done : ExitCode.Refused;
    }

    private static UInt128 SizeOf(string text)
    {
        var unit = text.Length == 0 ? -1 : "KMGT".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        var digits = unit < 0 ? text : text[..^1];
        var shift = 10 * (unit + 1);
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= ulong.MaxValue >> shift
            ? (UInt128)count << shift
            : throw new CliException($"--memory: '{text}' is no size; write a whole number of bytes above zero, or one with K, M, G or T, such as 4G");
    }
}
