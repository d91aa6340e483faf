using System.CommandLine;
using System.Globalization;
using Vmm.Cli.Plans;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Verbs;

/// <summary><c>vmm plan</c>: would a device fit into a guest's memory, and what stands in the way. Touches nothing.</summary>
internal static class PlanVerb
{
    private const string Remarks = """
        Every conflict is named with its range, kind, owner and memory region, and with what to change.
        Nothing is opened and nothing changed. --probe asks the kernel for aperture, page sizes and entries by
        an empty container, of which nothing is left; the device must be bound to VFIO for that.

        Exit codes: 0 it fits, 1 it would be refused, 2 bad input.

        """;

    /// <summary>The verb.</summary>
    public static Command Create(CliConsole console)
    {
        var host = new Option<string>("--host") { Description = "The host: this one, or a captured sysfs (directory or tar.gz).", HelpName = HostSpec.Shape, Required = true };
        var memory = new Option<string>("--memory") { Description = "What QEMU's monitor prints for 'info mtree -f'.", HelpName = "FILE", Required = true };
        var device = new Option<string>("--device") { Description = "The device, by its name in sysfs.", HelpName = "DEVICE", Required = true };
        var with = new Option<string[]>("--with") { Description = "Devices that are attached before it, in this order.", HelpName = "DEVICE", AllowMultipleArgumentsPerToken = true };
        var space = new Option<string>("--space") { Description = "The guest's address space; memory unless given.", HelpName = "NAME", DefaultValueFactory = _ => MtreeMap.SystemMemory };
        var hole = new Option<string[]>("--hole") { Description = "A range that nothing is to be mapped in, such as 0xf0000000-0xf00fffff.", HelpName = "START-LAST" };
        var probe = new Option<bool>("--probe") { Description = "Ask the kernel by an empty container." };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of text." };
        var verb = new Command("plan", "Tells whether a device would fit into a guest's memory, what stands in the way, and what it costs.") { host, memory, device, with, space, hole, probe, json };
        verb.WithExamples(
            "vmm plan --host emulated:configs/hosts/capture-host.tar.gz --memory configs/memory-maps/virt-arm64-3g.txt --device 0000:01:00.0",
            "vmm plan --host linux --memory map.txt --device 0000:01:00.0 --with 0000:00:05.0 --json").WithRemarks(Remarks);
        verb.SetAction(parsed =>
        {
            var source = Open(parsed.GetRequiredValue(host));
            var topology = new SysfsTopologyReader(source.Sysfs).Read(1);
            var names = (parsed.GetValue(with) ?? []).Append(parsed.GetRequiredValue(device)).ToList();
            var devices = names.Select((name, at) => Find(topology, name, at == names.Count - 1 ? "--device" : "--with")).ToList();
            var view = PlanMemory.Read(parsed.GetRequiredValue(memory), parsed.GetRequiredValue(space));
            var paper = new PlannedSpace(topology, view, SectionFilter.FourKiB, AttachPolicy.Legacy, [.. (parsed.GetValue(hole) ?? []).Select(RangeOf)]);
            return Answer(console, topology, Plan(paper, devices, parsed.GetValue(probe) ? source.Devices : null), parsed.GetValue(json));
        });
        return verb;
    }

    private static HostKernel Open(string text) => HostSource.Open(HostSpec.TryParse(text, out var wrong) ?? throw new CliException(wrong!));

    private static HostDevice Find(HostTopology topology, string name, string option)
    {
        if (!topology.TryGetDevice(name, out var device))
        {
            var cure = NearestName.Of(name, topology.Devices.Select(known => known.Name)) is { } near ? $"did you mean {near}?" : "vmm topology lists those there are";
            throw new CliException($"{option} {name}: the host has no such device; {cure}");
        }

        return device.Group is { } group && topology.TryGetGroup(group, out _)
            ? device
            : throw new CliException(
                $"{option} {name}: no IOMMU group holds it, so it cannot be given to a VM; turn the IOMMU on in firmware and on the kernel's command line, or take another device",
                ExitCode.Refused);
    }

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

    /// <summary>Plans the devices one after another; the last one is what is asked for.</summary>
    private static PlannedDevice Plan(PlannedSpace paper, List<HostDevice> devices, IDevices? kernel)
    {
        foreach (var earlier in devices.SkipLast(1))
        {
            var request = paper.RequestFor(earlier);
            var plan = AttachPlan.For(request);
            if (paper.Attach(earlier, request, plan) is null)
            {
                throw new CliException($"--with {earlier.Name}: it would be refused itself: {((AttachPlan.Refuse)plan).Reason}", ExitCode.Refused);
            }
        }

        var device = devices[^1];
        var asked = kernel is null ? null : Type1Probe.Query(kernel, device.Group!.Value.Value);
        var last = paper.RequestFor(device, probe: asked?.Info is null ? null : asked);
        var verdict = AttachPlan.For(last);
        var container = paper.Attach(device, last, verdict);
        return new PlannedDevice(
            device, verdict, paper.Detail(last), container?.Mappings.Count ?? 0, container?.EntryLimit ?? 0, Words(asked));
    }

    private static string? Words(ContainerProbe? asked) => asked?.Refusal is { } refusal ? $"the kernel was asked, and did not answer all: {refusal}" : null;

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
