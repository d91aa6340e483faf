using System.CommandLine;
using Vmm.Cli.Topology;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm topology</c>: the host's groups, devices and reserved regions, and what can be given to a VM.</summary>
internal static class TopologyVerb
{
    private const string Remarks = """
        Verdicts ("for a VM"; "verdict" in --json):
          ready       a device is bound to VFIO and nothing stands in the way
          viable      nothing stands in the way, but no device is bound to VFIO
          not-viable  a host driver owns the group's DMA; "Why not" names device and driver
          unusable    firmware needs a 1:1 mapping (a direct region)

        --json: {host, iommus, groups: [{number, type, name, verdict, why, devices, reserved, routingHazards}],
        ungrouped, problems}; addresses are "0x…" strings, both ends inclusive. docs/cli.md has every field.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var host = new Option<string>("--host")
        {
            Description = "The host: this one, or a captured sysfs (directory or tar.gz) behind the emulated kernel.",
            HelpName = HostSpec.Shape,
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of tables." };
        var verb = new Command("topology", "Shows a host's IOMMU groups, devices, drivers and reserved regions, and which groups can be given to a VM.")
        {
            host,
            json,
        };
        verb.WithExamples("vmm topology --host emulated:configs/hosts/q35-vtd.tar.gz", "vmm topology --host linux --json").WithRemarks(Remarks);
        verb.SetAction(parsed => Run(console, parsed.GetRequiredValue(host), parsed.GetValue(json)));
        return verb;
    }

    private static int Run(CliConsole console, string hostText, bool json)
    {
        var spec = HostSpec.TryParse(hostText, out var wrong) ?? throw new CliException(wrong!);
        var topology = new SysfsTopologyReader(HostSource.Open(spec).Sysfs).Read(1);
        if (json)
        {
            JsonOutput.WriteDocument(console.Out, TopologyDocument.Of(spec.ToString(), topology));
        }
        else
        {
            TopologyText.Write(console.Rich(), topology);
        }

        return ExitCode.Done;
    }
}
