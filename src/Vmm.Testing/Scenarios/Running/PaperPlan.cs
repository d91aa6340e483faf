using Vmm.Actors;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>
/// What a plan rests on and costs, with a guest's memory that is on paper alone: where real memory lies differs from run to run,
/// and costs with it.
/// </summary>
/// <param name="Topology">The host.</param>
/// <param name="Detail">What the plan rests on.</param>
internal sealed record PaperPlan(HostTopology Topology, PlanDetail Detail)
{
    private const ulong Alignment = 1UL << 30;

    internal IEnumerable<string> Conflicts => Detail.Conflicts.Select(conflict =>
        conflict.Kind is { } kind and not ReservedRegionKind.User ? $"{conflict} (reserved {RegionScope.Of(Topology, kind, conflict.Range)})" : conflict.ToString());

    internal IEnumerable<string> Costs => Detail.Costs.Select(cost =>
        $"{cost.Section.Name} at {cost.Section.Range}: largest page {Page(cost.PageBefore)} -> {Page(cost.PageAfter)}, entries {cost.EntriesBefore} -> {cost.EntriesAfter}");

    internal IEnumerable<string> HoleCosts => Detail.Costs.SelectMany(cost => cost.Holes.Select(hole =>
        $"{hole.Hole} in {cost.Section.Name}: {Page(hole.PageBefore)} page -> {Page(hole.PageAfter)}, {(hole.ExtraEntries < 0 ? "" : "+")}{hole.ExtraEntries} entries"));

    internal IEnumerable<string> Layout => Detail.Layout.WhyNone is { } why
        ? [$"none: {why}"]
        : [.. Detail.Layout.Moves.Select(move => $"{move.Region} from {move.From} to {move.To}"), .. Detail.Layout.Hint.Length > 0 ? [Detail.Layout.Hint] : Array.Empty<string>()];

    /// <returns>Null where host or space could not be asked, or the device is in no group.</returns>
    internal static PaperPlan? Of(ScenarioStep.Plan step, ScriptedView view, AddressSpaceState? space, HostTopology? topology)
    {
        if (topology is null || space is null || !topology.TryGetDevice(step.Device, out var device) || device.Group is not { } group || !topology.TryGetGroup(group, out _))
        {
            return null;
        }

        var paper = new PlannedSpace(topology, Memory(view), SectionFilter.FourKiB, step.Policy, [.. space.Rules.Holes]);
        return new PaperPlan(topology, paper.Detail(paper.RequestFor(device)));
    }

    private static FlatView Memory(ScriptedView view)
    {
        var blocks = new Dictionary<string, RamBlock>(StringComparer.Ordinal);
        var next = Alignment;
        foreach (var sections in view.Sections.Where(section => section.HasMemory).GroupBy(NameOf, StringComparer.Ordinal))
        {
            var length = sections.Max(section => section.Offset + (ulong)section.Range.Length);
            blocks.Add(sections.Key, RamBlock.FromExisting(sections.Key, new HostAddress(next), length));
            next += (length + Alignment - 1) & ~(Alignment - 1);
        }

        return new FlatView(view.Sections.Select(section => new MemorySection(
            section.Range,
            section.Kind,
            section.Name,
            section.Offset,
            section.ReadOnly,
            section.HasMemory ? blocks[NameOf(section)] : null,
            section.HasMemory ? section.Offset : 0)));
    }

    private static string NameOf(SectionScript section) => section.Bar ?? section.Name;

    private static string Page(ulong bytes) => bytes switch
    {
        0 => "none",
        _ when bytes % (1UL << 30) == 0 => $"{bytes >> 30} GiB",
        _ when bytes % (1UL << 20) == 0 => $"{bytes >> 20} MiB",
        _ => $"{bytes >> 10} KiB",
    };
}
