using Vmm.Iommu.Addressing;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Plans;

/// <summary>The document of <c>vmm plan --json</c>; <c>docs/cli.md</c> describes it.</summary>
internal sealed record PlanDocument(
    string Device,
    int Group,
    string Verdict,
    string? Container,
    string? Errno,
    IReadOnlyList<string> Reasons,
    IReadOnlyList<string> Conditions,
    IReadOnlyList<string> Unknowns,
    IReadOnlyList<string> Rejections,
    IReadOnlyList<PlanDocument.ConflictPart> Conflicts,
    IReadOnlyList<PlanDocument.Part> Windows,
    PlanDocument.EntryPart Entries,
    string PageSizes,
    bool PageSizesKnown,
    IReadOnlyList<PlanDocument.CostPart> Costs,
    PlanDocument.LayoutPart Layout)
{
    /// <summary>The document of a plan.</summary>
    public static PlanDocument Of(HostTopology topology, PlannedDevice planned)
    {
        var (plan, detail) = (planned.Plan, planned.Detail);
        var refuse = plan as AttachPlan.Refuse;
        return new PlanDocument(
            planned.Device.Name,
            planned.Device.Group!.Value.Value,
            planned.Verdict,
            (plan as AttachPlan.Share)?.Container,
            refuse is null ? null : refuse.Errno.ToString(),
            refuse is null ? [] : refuse.Reasons.Count > 0 ? refuse.Reasons : [refuse.Reason],
            plan.Conditions,
            planned.ProbeFailure is { } why ? [.. plan.Unknowns, why] : plan.Unknowns,
            [.. plan.Rejections.Select(rejection => rejection.ToString())],
            [.. detail.Conflicts.Select(conflict => ConflictOf(topology, conflict))],
            [.. planned.Windows.Select(PartOf)],
            plan is AttachPlan.Share
                ? new EntryPart(planned.Mappings, planned.EntryLimit - planned.Mappings, planned.EntryLimit)
                : new EntryPart(detail.EntriesNeeded, detail.EntriesLeft, detail.EntryLimit),
            detail.Pages.ToString(),
            detail.ArePagesKnown,
            [.. detail.Costs.Select(CostOf)],
            new LayoutPart(detail.Layout.WhyNone, [.. detail.Layout.Moves.Select(move => new MovePart(move.Region, PartOf(move.From), PartOf(move.To)))], detail.Layout.Hint));
    }

    private static ConflictPart ConflictOf(HostTopology topology, Conflict conflict) => new(
        conflict.Region,
        PartOf(conflict.GuestRange),
        PartOf(conflict.Range),
        conflict.Kind is { } kind ? ReservedRegionLine.WordOf(kind) : null,
        conflict.Owner,
        conflict.Source,
        conflict.Kind is { } reserved and not ReservedRegionKind.User ? RegionScope.Of(topology, reserved, conflict.Range).IsGlobal : null,
        conflict.IsSkippable,
        conflict.Cure);

    private static CostPart CostOf(CarvingCost cost) => new(
        cost.Section.Name,
        PartOf(cost.Section.Range),
        Hex(cost.PageBefore),
        Hex(cost.PageAfter),
        cost.EntriesBefore.ToString(System.Globalization.CultureInfo.InvariantCulture),
        cost.EntriesAfter.ToString(System.Globalization.CultureInfo.InvariantCulture),
        [.. cost.Holes.Select(hole => new HolePart(
            PartOf(hole.Hole), Hex(hole.PageBefore), Hex(hole.PageAfter), hole.ExtraEntries.ToString(System.Globalization.CultureInfo.InvariantCulture)))]);

    private static Part PartOf(IovaRange range) => new(Hex(range.Start.Value), Hex(range.Last.Value));

    private static string Hex(ulong value) => $"0x{value:x}";

    /// <summary>A range; both ends inclusive.</summary>
    internal sealed record Part(string Start, string Last);

    /// <summary>A conflict of guest memory with the group.</summary>
    internal sealed record ConflictPart(
        string Region, Part GuestRange, Part Range, string? Kind, string Owner, string Source, bool? InEveryGroup, bool Skippable, string Cure);

    /// <summary>Mappings.</summary>
    internal sealed record EntryPart(long Needed, long Left, long Limit);

    /// <summary>What carving a section costs; page sizes in bytes, counts of page-table entries.</summary>
    internal sealed record CostPart(
        string Region, Part Range, string LargestPageBefore, string LargestPageAfter, string EntriesBefore, string EntriesAfter, IReadOnlyList<HolePart> Holes);

    /// <summary>What one hole costs.</summary>
    internal sealed record HolePart(Part Range, string LargestPageBefore, string LargestPageAfter, string ExtraEntries);

    /// <summary>A layout that fits, or why there is none.</summary>
    internal sealed record LayoutPart(string? WhyNone, IReadOnlyList<MovePart> Moves, string Hint);

    /// <summary>RAM that would lie elsewhere.</summary>
    internal sealed record MovePart(string Region, Part From, Part To);
}
