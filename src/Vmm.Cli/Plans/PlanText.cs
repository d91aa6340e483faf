using Vmm.Cli.Drawing;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Plans;

/// <summary>A plan for people: the verdict, then what it rests on, then what it costs.</summary>
internal static class PlanText
{
    // Nobody reads ten thousand lines, and the document of --json has them.
    private const int MostLines = 40;

    // Lines are not cut to the terminal's width: what people search for is never broken.
    public static void Write(TextWriter output, HostTopology topology, PlannedDevice planned)
    {
        var (device, plan, detail) = (planned.Device, planned.Plan, planned.Detail);
        output.WriteLine($"{device.Name} of group {device.Group}: {Verdict(plan)}");
        Section(output, "Why not:", plan is AttachPlan.Refuse refuse ? Reasons(refuse) : []);
        Section(output, "Conflicts:", detail.Conflicts.Where(conflict => !conflict.IsSkippable).Select(conflict => $"{conflict}{Scope(topology, conflict)}"));
        Section(output, "Left out, since no RAM is lost with it:", detail.Conflicts.Where(conflict => conflict.IsSkippable).Select(conflict => $"{conflict}{Scope(topology, conflict)}"));
        Section(output, "On condition:", plan.Conditions);
        Section(output, "Containers that do not take it:", plan.Rejections.Select(rejection => rejection.ToString()));
        Section(output, "Unknown:", planned.ProbeFailure is { } why ? plan.Unknowns.Append(why) : plan.Unknowns);
        Section(output, plan is AttachPlan.Refuse ? "The group can map:" : "Windows after:", planned.Windows.Select(window => window.ToString()));
        Section(output, "Mappings:", [Entries(planned)]);
        Section(output, $"Page sizes of RAM ({Pages(planned)}), before and after carving it around every hole:", detail.Costs.OrderBy(cost => cost.Holes.Count == 0).Select(Cost));
        Section(output, "What each hole costs:", detail.Costs.SelectMany(cost => cost.Holes.Select(hole => Hole(cost, hole))));
        if (detail.Conflicts.Any(conflict => !conflict.IsSkippable))
        {
            Section(output, "A layout that fits:", Layout(detail.Layout));
        }
    }

    private static string Verdict(AttachPlan plan) => plan switch
    {
        AttachPlan.Share share => $"shares {share.Container}",
        AttachPlan.NewContainer => "gets a new container",
        _ => "refused",
    };

    /// <summary>What refuses beside conflicts, which have a section of their own.</summary>
    private static IEnumerable<string> Reasons(AttachPlan.Refuse refuse) =>
        refuse.Reasons.Count > 0 || refuse.Conflicts.Count > 0 ? refuse.Reasons : [refuse.Reason];

    private static string Scope(HostTopology topology, Conflict conflict) =>
        conflict.Kind is { } kind and not ReservedRegionKind.User ? $" (reserved {RegionScope.Of(topology, kind, conflict.Range)})" : "";

    private static string Entries(PlannedDevice planned) => planned.Plan is AttachPlan.Share
        ? $"{planned.Mappings} in the container as before, {planned.EntryLimit - planned.Mappings} of {planned.EntryLimit} left"
        : $"{planned.Detail.EntriesNeeded} needed, {planned.Detail.EntriesLeft} of {planned.Detail.EntryLimit} left";

    private static string Pages(PlannedDevice planned) =>
        $"the IOMMU's: {PageNames.Of(planned.Detail.Pages.Bitmap)}{(planned.Detail.ArePagesKnown ? "" : ", assumed")}; {planned.HostMemory}";

    private static string Cost(CarvingCost cost) => cost.Holes.Count == 0
        ? $"{cost.Section.Name} at {cost.Section.Range}: largest {Page(cost.PageBefore)}, page-table entries {cost.EntriesBefore}; no hole in it"
        : $"{cost.Section.Name} at {cost.Section.Range}: largest {Page(cost.PageBefore)} -> {Page(cost.PageAfter)}, page-table entries {cost.EntriesBefore} -> {cost.EntriesAfter}";

    private static string Hole(CarvingCost cost, HoleCost hole) =>
        $"{hole.Hole} in {cost.Section.Name}: {Page(hole.PageBefore)} page -> {Page(hole.PageAfter)}, {(hole.ExtraEntries < 0 ? "" : "+")}{hole.ExtraEntries} page-table entries";

    private static string Page(ulong bytes) => bytes == 0 ? "none" : ByteSize.Of(bytes);

    private static IEnumerable<string> Layout(LayoutProposal layout)
    {
        if (layout.WhyNone is { } why)
        {
            return [$"none: {why}"];
        }

        var moves = layout.Moves.Select(move => $"{move.Region} from {move.From} to {move.To} ({ByteSize.Of(move.From.Length)})");
        return layout.Hint.Length > 0 ? moves.Append(layout.Hint) : moves;
    }

    private static void Section(TextWriter output, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count > 0)
        {
            output.WriteLine(title);
            all.Take(MostLines).ToList().ForEach(line => output.WriteLine($"  {line}"));
            if (all.Count > MostLines)
            {
                output.WriteLine($"  … and {all.Count - MostLines:N0} more; --json has them all");
            }
        }
    }
}
