using Spectre.Console;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Topology;

/// <summary>A host's topology for people: groups and devices, reserved regions, what stands in the way, what is wrong.</summary>
internal static class TopologyText
{
    /// <summary>Writes all of it.</summary>
    public static void Write(IAnsiConsole console, HostTopology topology)
    {
        if (topology.Groups.Count == 0)
        {
            WriteLines(console, "No IOMMU groups:", ["turn the IOMMU on in firmware and on the kernel's command line, such as intel_iommu=on"]);
        }
        else
        {
            WriteGroups(console, topology);
            WriteRegions(console, topology);
        }

        var uses = topology.Groups.Select(group => GroupUse.Of(topology, group)).ToList();
        WriteLines(console, "Why not:", uses.Where(use => use.Verdict is GroupVerdict.NotViable or GroupVerdict.Unusable).Select(use => use.Why!));
        WriteLines(
            console,
            "Reserved regions unknown (the kernel decides at attach):",
            topology.Groups.Where(group => !group.Reserved.IsKnown).Select(group => $"group {group.Id}: {group.Reserved.WhyUnknown}"));
        WriteLines(
            console,
            "Without an IOMMU:",
            topology.Devices.Where(device => device.Group is null).Select(device => $"{device.Name} {DeviceClass.Of(device)}"));
        WriteLines(console, "Problems:", topology.Problems.Select(problem => problem.ToString()));
    }

    private static void WriteGroups(IAnsiConsole console, HostTopology topology)
    {
        var table = NewTable("group", "type", "device", "class", "driver", "for a VM");
        foreach (var group in topology.Groups)
        {
            var first = true;
            foreach (var device in topology.DevicesOf(group.Id))
            {
                table.AddRow(
                    first ? group.Id.ToString() : "",
                    first ? group.Type : "",
                    device.Name,
                    DeviceClass.Of(device) ?? device.Bus,
                    device.Driver ?? "-",
                    first ? Words(GroupUse.Of(topology, group).Verdict) : "");
                first = false;
            }

            if (first)
            {
                table.AddRow(group.Id.ToString(), group.Type, "-", "no members", "-", Words(GroupUse.Of(topology, group).Verdict));
            }
        }

        console.Write(table);
    }

    private static void WriteRegions(IAnsiConsole console, HostTopology topology)
    {
        var regions =
            from @group in topology.Groups
            from region in @group.Reserved.Regions
            group @group.Id.Value by (region.Kind, region.Range) into owners
            orderby owners.Key.Range, owners.Key.Kind
            select owners;
        var table = NewTable("reserved", "range", "owner", "means");
        foreach (var region in regions)
        {
            table.AddRow(
                ReservedRegionLine.WordOf(region.Key.Kind),
                Padded(region.Key.Range),
                Runs([.. region]),
                RegionMeaning.Of(region.Key.Kind));
        }

        console.Write(table);
    }

    private static void WriteLines(IAnsiConsole console, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
        {
            return;
        }

        // Written past the layout, so that a line that people search for is never broken.
        console.Profile.Out.Writer.WriteLine(title);
        foreach (var line in all)
        {
            console.Profile.Out.Writer.WriteLine($"  {line}");
        }
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column) { NoWrap = column is "range" or "device" });
        }

        return table;
    }

    private static string Words(GroupVerdict verdict) => verdict switch
    {
        GroupVerdict.Ready => "[green]ready[/]",
        GroupVerdict.Viable => "viable, not bound to VFIO",
        GroupVerdict.NotViable => "[yellow]not viable[/]",
        _ => "[red]unusable[/]",
    };

    private static string Padded(IovaRange range) => $"0x{range.Start.Value:x16}-0x{range.Last.Value:x16}";

    /// <summary>Group numbers with runs drawn together: <c>groups 0-7, 9</c>.</summary>
    private static string Runs(int[] numbers)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in numbers.Distinct().Order())
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1)
            {
                runs[^1] = (runs[^1].First, number);
            }
            else
            {
                runs.Add((number, number));
            }
        }

        var words = runs.Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First}-{run.Last}");
        return $"{(numbers.Length == 1 ? "group" : "groups")} {string.Join(", ", words)}";
    }
}
