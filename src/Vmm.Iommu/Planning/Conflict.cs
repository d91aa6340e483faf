using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>A place where guest memory and a group's IOVAs do not go together: what, whose, and what to do about it.</summary>
/// <param name="GuestRange">The section or the live mapping, whole.</param>
/// <param name="Region">The memory region's name.</param>
/// <param name="IsSkippable">True for a peer's BAR, which a container may leave out; false for RAM.</param>
/// <param name="Kind">The kind of the reserved region; null when the range lies outside the IOMMU's aperture.</param>
/// <param name="Range">The reserved region, or what lies outside the aperture.</param>
/// <param name="Owner">Whose it is, such as <c>group 6</c>.</param>
public sealed record Conflict(IovaRange GuestRange, string Region, bool IsSkippable, ReservedRegionKind? Kind, IovaRange Range, string Owner)
{
    // A line that names thousands says less than one that names the first and counts the rest.
    private const int MostInWords = 16;

    /// <summary>What a person can do about it.</summary>
    public string Cure => (IsSkippable, Kind) switch
    {
        (true, _) => "move the BAR elsewhere, or do without transfers between the devices",
        (_, null) => "give the guest less memory or a smaller physical address width, or assign a device behind an IOMMU that reaches further",
        (_, ReservedRegionKind.User) => "take the hole out of the configuration, or lay out guest memory around it",
        _ => $"lay out guest memory so that it {LeavesOut}, or assign a device of a host that does not reserve it",
    };

    private string LeavesOut => Range.Start.Value == 0
        ? $"begins at 0x{Range.Last.Value + 1:x} or above"
        : Range.Last.Value == ulong.MaxValue
            ? $"ends at 0x{Range.Start.Value - 1:x} or below"
            : $"ends at 0x{Range.Start.Value - 1:x} or below and goes on at 0x{Range.Last.Value + 1:x} or above";

    /// <summary>Range, kind, owner, memory region and cure on one line.</summary>
    public override string ToString() => Kind is { } kind
        ? $"{Region} at {GuestRange} lies in {Range}, which is reserved ({ReservedRegionLine.WordOf(kind)}) by {Owner}; {Cure}"
        : $"{Region} at {GuestRange} lies in {Range}, which is outside the aperture of {Owner}; {Cure}";

    /// <summary>Conflicts on one line; of very many the first, and how many more there are.</summary>
    public static string Words(IReadOnlyList<Conflict> conflicts)
    {
        ArgumentNullException.ThrowIfNull(conflicts);
        var more = conflicts.Count - MostInWords;
        return string.Join("; ", conflicts.Take(MostInWords)) + (more > 0 ? $"; and {more} more conflicts" : "");
    }

    /// <summary>Where the reserved region is known from: a sysfs path, <c>user</c>; empty for an aperture.</summary>
    public string Source { get; init; } = "";

    /// <summary>The conflicts of sections, ascending. Costs time by holes and conflicts, not by sections.</summary>
    /// <param name="sections">What is to be mapped, ascending.</param>
    /// <param name="reserved">The reserved regions.</param>
    /// <param name="aperture">What the IOMMU can translate; null when unknown.</param>
    /// <param name="owner">Whose the aperture is.</param>
    public static IReadOnlyList<Conflict> Of(
        IReadOnlyList<DmaSection> sections, ReservedRegionSet reserved, ValidIovaRanges? aperture, string owner)
    {
        ArgumentNullException.ThrowIfNull(sections);
        return InOrder(
            from hole in Holes(reserved, aperture, owner)
            from section in SectionLookup.Overlapping(sections, hole.Range)
            select hole with { GuestRange = section.Range, Region = section.Name, IsSkippable = section.IsSkippable });
    }

    /// <summary>
    /// The conflicts of what is mapped now, ascending: one for each section and hole, however many mappings the section has.
    /// Costs time by holes and conflicts, not by mappings.
    /// </summary>
    /// <param name="mappings">The container's table.</param>
    /// <param name="view">The sections that mappings come from, ascending; a mapping of none stands for itself and counts as RAM.</param>
    /// <param name="reserved">The reserved regions of the newcomer.</param>
    /// <param name="aperture">What its IOMMU can translate; null when unknown.</param>
    /// <param name="owner">Whose the aperture is.</param>
    public static IReadOnlyList<Conflict> Of(
        MappingTable mappings, IReadOnlyList<DmaSection> view, ReservedRegionSet reserved, ValidIovaRanges? aperture, string owner)
    {
        ArgumentNullException.ThrowIfNull(mappings);
        ArgumentNullException.ThrowIfNull(view);
        var conflicts = new List<Conflict>();
        foreach (var hole in Holes(reserved, aperture, owner))
        {
            DmaSection? last = null;
            foreach (var (live, mapping) in mappings.Overlapping(hole.Range))
            {
                // A mapping may show several sections: those conflict that it shows inside the hole.
                live.TryIntersect(hole.Range, out var shared);
                var at = SectionLookup.IndexOf(view, shared.Start);
                if (at == view.Count || view[at].Range.Start > shared.Last)
                {
                    conflicts.Add(hole with { GuestRange = live, Region = mapping.Lease.Block!.Name });
                }

                for (; at < view.Count && view[at].Range.Start <= shared.Last; at++)
                {
                    if (!ReferenceEquals(view[at], last))
                    {
                        last = view[at];
                        conflicts.Add(hole with { GuestRange = last.Range, Region = last.Name, IsSkippable = last.IsSkippable });
                    }
                }
            }
        }

        return InOrder(conflicts);
    }

    /// <summary>A conflict for each hole, with the guest's side left open.</summary>
    private static IEnumerable<Conflict> Holes(ReservedRegionSet reserved, ValidIovaRanges? aperture, string owner)
    {
        ArgumentNullException.ThrowIfNull(reserved);
        var beyond = (aperture ?? ValidIovaRanges.All).Complement();
        return reserved
            .Where(region => region.IsHole)
            .Select(hole => new Conflict(hole.Range, "", false, hole.Kind, hole.Range, hole.Owner) { Source = hole.Source })
            .Concat(beyond.Select(range => new Conflict(range, "", false, null, range, owner)));
    }

    private static IReadOnlyList<Conflict> InOrder(IEnumerable<Conflict> conflicts) =>
        [.. conflicts.OrderBy(conflict => conflict.GuestRange).ThenBy(conflict => conflict.Range).ThenBy(conflict => conflict.Kind is null)];
}
