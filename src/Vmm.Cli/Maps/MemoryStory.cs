using Vmm.Cli.Drawing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;
using Vmm.Testing.Emulation;
using Vmm.Testing.Scenarios;

namespace Vmm.Cli.Maps;

/// <summary>
/// What a host would make of a memory map. Devices of a captured host are attached on the emulated kernel, one a step; for this
/// host, or without a device, nothing is attached, and the picture is the view beside the reserved regions.
/// </summary>
internal static class MemoryStory
{
    private const string Driver = "vfio-pci";

    internal static MapStory Of(MapRequest request)
    {
        var host = request.Host!;
        return host.EmulatedPath is { } capture && request.Devices.Count > 0 ? Attached(request, capture) : Planned(request, host);
    }

    private static MapStory Attached(MapRequest request, string capture)
    {
        var name = request.Space ?? MtreeMap.SystemMemory;
        var scenario = new HotplugScenario(Path.GetFileName(request.File))
        {
            About = $"attached on the emulated kernel of {capture}, devices bound to {Driver}",
            Host = new HostScript
            {
                Capture = capture,
                Drivers = request.Devices.Where(device => PciAddress.TryParse(device, out _)).Distinct(StringComparer.Ordinal).ToDictionary(device => device, _ => Driver, StringComparer.Ordinal),
            },
            Spaces = [new SpaceScript(name, new MemoryScript { Map = request.File, MapSpace = name })],
            Steps = [.. request.Devices.Select(device => new ScenarioStep.Attach(device) { Expect = new StepExpectation { AnyOutcome = true } })],
        };
        return MapSource.OfScenario(scenario, seed: null, step => step.Happened.Outcome == StepOutcome.Attached);
    }

    private static MapStory Planned(MapRequest request, HostSpec host)
    {
        var topology = new SysfsTopologyReader(HostSource.Open(host).Sysfs).Read(1);
        var groups = request.Devices.Count == 0 ? topology.Groups : [.. request.Devices.Select(device => GroupOf(topology, device)).Distinct()];
        var name = request.Space ?? MtreeMap.SystemMemory;
        using var kernel = new EmulatedKernel(EmulatedHost.Build(machine => machine.Unit("dmar0")));
        var blocks = new List<RamBlock>();
        var view = MtreeParser.Parse(File.ReadAllText(request.File), request.File).ToFlatView(Block, name);
        var plan = PlanOf(view, groups, request.Devices);
        blocks.ForEach(block => block.Retire());
        var conflicts = plan.Remarks.Count(remark => remark.StartsWith("conflict", StringComparison.Ordinal));
        var happened = conflicts switch
        {
            0 => "no reserved region lies in guest RAM",
            1 => "a reserved region lies in guest RAM: an attach would be refused",
            _ => $"{conflicts} reserved regions lie in guest RAM: an attach would be refused",
        };
        var step = new MapStep("1", $"plan {Path.GetFileName(request.File)} on {host}", happened, [new SpaceFrame(new SpacePicture(name, 1, [plan]))])
        {
            IsGood = conflicts == 0 || request.Devices.Count == 0,
        };
        return new MapStory(Path.GetFileName(request.File), $"planned on {host}; nothing is touched", [step]);

        RamBlock Block(string region, ulong length)
        {
            var block = RamBlock.Allocate(kernel, region, length);
            blocks.Add(block);
            return block;
        }
    }

    private static SpacePicture.Container PlanOf(FlatView view, IReadOnlyList<IommuGroup> groups, IReadOnlyList<string> devices)
    {
        var reserved = new ReservedRegionSet(groups.SelectMany(group => group.Reserved.Regions));
        var shown = SectionFilter.FourKiB.Filter(view);
        var left = shown.Where(section => section.IsSkippable).Select(section => (Section: section, Hole: reserved.FirstConflict(section.Range))).Where(bar => bar.Hole is not null).ToList();
        var sections = shown.Except(left.Select(bar => bar.Section)).ToList();
        var conflicts = sections.SelectMany(section => reserved.Conflicts(section.Range).GroupBy(hole => (section.Name, hole.Range, hole.Kind), hole => hole.Owner)).ToList();
        var who = devices.Count == 0 ? $"all {groups.Count} groups of the host" : $"group {string.Join(", ", groups.Select(group => group.Id))}; device {string.Join(", ", devices)}";
        return new SpacePicture.Container("plan", who)
        {
            Mapped = [.. sections.SelectMany(section => Pieces(section, reserved))],
            Skipped =
            [
                .. view.Where(section => SectionFilter.FourKiB.Judge(section, out _) is not (SkipReason.None or SkipReason.NotMemory))
                    .Select(section => new SpacePicture.Skip(section.Range, section.Name, SectionFilter.Explain(SectionFilter.FourKiB.Judge(section, out _)))),
                .. left.Select(bar => new SpacePicture.Skip(bar.Section.Range, bar.Section.Name, $"it lies in {bar.Hole!.Range}, {IovaNotes.NameOf(bar.Hole.Kind)} of {bar.Hole.Owner}")),
            ],
            Reserved = [.. reserved],
            Windows = reserved.CutFrom(ValidIovaRanges.All),
            Remarks =
            [
                .. conflicts.Select(conflict => $"conflict: {conflict.Key.Range} {IovaNotes.NameOf(conflict.Key.Kind)} of {string.Join(", ", conflict)} lies in {conflict.Key.Name}"),
                "unknown until probed: aperture, page sizes, entries",
                .. groups.Where(group => !group.Reserved.IsKnown).Select(group => $"unknown: reserved regions of group {group.Id}: {group.Reserved.WhyUnknown}"),
            ],
        };
    }

    /// <summary>What of a section lies beside every hole.</summary>
    private static IEnumerable<SpacePicture.Mapping> Pieces(DmaSection section, ReservedRegionSet reserved) =>
        reserved.CutFrom(new ValidIovaRanges([section.Range]))
            .Select(piece => new SpacePicture.Mapping(piece, section.Name, section.Access) { Offset = section.OffsetAt(piece.Start) });

    private static IommuGroup GroupOf(HostTopology topology, string device)
    {
        if (!topology.TryGetDevice(device, out var found))
        {
            throw new CliException($"--device {device}: the host has no such device; it has {string.Join(", ", topology.Devices.Select(known => known.Name))}");
        }

        return found.Group is { } id && topology.TryGetGroup(id, out var group)
            ? group
            : throw new CliException($"--device {device}: it is in no IOMMU group; turn the IOMMU on, or name another device");
    }
}
