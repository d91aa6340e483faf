using System.CommandLine;
using System.Globalization;
using Vmm.Actors;
using Vmm.Cli.Plans;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm plan</c>: would a device fit into a guest's memory, and what stands in the way. Touches nothing.</summary>
internal static class PlanVerb
{
    private const string Remarks = """
        Every conflict is named with its range, kind, owner and memory region, and with what to change.
        Nothing is opened and nothing changed. What has to be done before the attach stands under "On condition".
        --probe asks the kernel for aperture, page sizes and entries by an empty container, of which nothing is left;
        the device must be bound to VFIO for that. --backend says by which path: a container of type1, or an IOAS of
        iommufd; auto takes type1 where the kernel has it.

        Exit codes: 0 it fits, 1 it would be refused, 2 bad input.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var host = new Option<string>("--host") { Description = "The host: this one, or a captured sysfs (directory or tar.gz).", HelpName = HostSpec.Shape, Required = true };
        var memory = new Option<string>("--memory") { Description = "What QEMU's monitor prints for 'info mtree -f', or a capture (.json).", HelpName = "FILE", Required = true };
        var device = new Option<string>("--device") { Description = "The device, by its name in sysfs.", HelpName = "DEVICE", Required = true };
        var with = new Option<string[]>("--with") { Description = "Devices that the space has already, in this order; taken as bound to VFIO.", HelpName = "DEVICE", AllowMultipleArgumentsPerToken = true };
        var space = new Option<string>("--space") { Description = "The guest's address space; memory unless given.", HelpName = "NAME", DefaultValueFactory = _ => MtreeMap.SystemMemory };
        var hole = new Option<string[]>("--hole") { Description = "A range that nothing is to be mapped in, such as 0xf0000000-0xf00fffff.", HelpName = "START-LAST" };
        var step = new Option<string?>("--step") { Description = "The step of a capture whose view is taken; the last one unless given.", HelpName = "N" };
        var probe = new Option<bool>("--probe") { Description = "Ask the kernel by an empty container." };
        var backend = BackendOption.Create("With --probe, the path by which the kernel is asked: auto (unless given), type1 or iommufd.");
        var record = RecordOption.Create();
        var json = new Option<bool>("--json") { Description = "One JSON document instead of text." };
        var verb = new Command("plan", "Tells whether a device would fit into a guest's memory, what stands in the way, and what it costs.") { host, memory, device, with, space, step, hole, probe, backend, record, json };
        verb.WithExamples(
            "vmm plan --host emulated:configs/hosts/capture-host.tar.gz --memory configs/memory-maps/virt-arm64-3g.txt --device 0000:01:00.0",
            "vmm plan --host linux --memory map.txt --device 0000:01:00.0 --with 0000:00:05.0 --json",
            "vmm plan --host linux --memory map.txt --device 0000:01:00.0 --probe --backend iommufd").WithRemarks(Remarks);
        verb.SetAction(parsed => RecordOption.With(PathOf(parsed.GetValue(record), parsed.GetValue(probe)), file =>
        {
            var opened = Open(parsed.GetRequiredValue(host));
            var source = file?.Record(opened) ?? opened;
            var topology = new SysfsTopologyReader(source.Sysfs).Read(1);
            var request = new PlanRequest(parsed.GetRequiredValue(memory), parsed.GetRequiredValue(device))
            {
                With = parsed.GetValue(with) ?? [],
                Space = parsed.GetRequiredValue(space),
                Step = StepOf(parsed.GetValue(step)),
                Holes = [.. (parsed.GetValue(hole) ?? []).Select(RangeOf)],
                Probe = parsed.GetValue(probe),
                Backend = BackendOf(parsed.GetValue(backend), parsed.GetValue(probe)),
            };
            return Answer(console, topology, PlanSource.Read(request, topology, source), parsed.GetValue(json));
        }));
        return verb;
    }

    private static HostKernel Open(string text) => HostSource.Open(HostSpec.TryParse(text, out var wrong) ?? throw new CliException(wrong!));

    private static string? PathOf(string? record, bool probe) =>
        record is null || probe ? record : throw new CliException($"--record {record}: without --probe no kernel is touched; add --probe, or take --record out");

    private static BackendChoice BackendOf(string? text, bool probe) =>
        text is null || probe ? BackendOption.Of(text) ?? BackendChoice.Auto : throw new CliException($"--backend {text}: without --probe nothing is opened; add --probe, or take --backend out");

    private static int? StepOf(string? text) =>
        text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0 ? step
        : throw new CliException($"--step {text}: is no step; write a whole number from 1");

    private static IovaRange RangeOf(string text)
    {
        var ends = text.Split('-');
        return ends.Length == 2 && TryHex(ends[0], out var start) && TryHex(ends[1], out var last) && start <= last
            ? IovaRange.FromBounds(start, last)
            : throw new CliException($"--hole {text}: is no range; write START-LAST in hex, both inclusive, such as 0xf0000000-0xf00fffff");
    }

    private static bool TryHex(string text, out ulong value)
    {
        value = 0;
        return text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static int Answer(CliConsole console, HostTopology topology, PlannedDevice planned, bool json)
    {
        if (json)
        {
            JsonOutput.WriteDocument(console.Out, PlanDocument.Of(topology, planned));
        }
        else
        {
            PlanText.Write(console.Out, topology, planned);
        }

        return planned.Plan is AttachPlan.Refuse ? ExitCode.Refused : ExitCode.Done;
    }
}
