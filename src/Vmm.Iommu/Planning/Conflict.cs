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

    /// <summary>The conflicts of sections, ascending.</summary>
    /// <param name="sections">What is to be mapped, ascending.</param>
    /// <param name="reserved">The reserved regions.</param>
    /// <param name="aperture">What the IOMMU can translate; null when unknown.</param>
    /// <param name="owner">Whose the aperture is.</param>
    public static IReadOnlyList<Conflict> Of(
        IEnumerable<DmaSection> sections, ReservedRegionSet reserved, ValidIovaRanges? aperture, string owner)
    {
        ArgumentNullException.ThrowIfNull(sections);
        ArgumentNullException.ThrowIfNull(reserved);
        var outside = OutsideOf(aperture);
        return
        [
            .. from section in sections
               from conflict in At(section.Range, section.Name, section.IsSkippable, reserved, outside, owner)
               select conflict,
        ];
    }

    /// <summary>The conflicts of what is mapped now, ascending by reserved region. Costs time by regions, not by mappings.</summary>
    /// <param name="mappings">The container's table.</param>
    /// <param name="reserved">The reserved regions of the newcomer.</param>
    /// <param name="aperture">What its IOMMU can translate; null when unknown.</param>
    /// <param name="owner">Whose the aperture is.</param>
    public static IReadOnlyList<Conflict> Of(MappingTable mappings, ReservedRegionSet reserved, ValidIovaRanges? aperture, string owner)
    {
        ArgumentNullException.ThrowIfNull(mappings);
        ArgumentNullException.ThrowIfNull(reserved);
        var conflicts = new List<Conflict>();
        foreach (var region in reserved.Where(region => region.IsHole))
        {
            AddMappings(region.Range, region.Kind, region.Owner);
        }

        foreach (var beyond in OutsideOf(aperture))
        {
            AddMappings(beyond, null, owner);
        }

        return conflicts;

        void AddMappings(IovaRange range, ReservedRegionKind? kind, string whose)
        {
            foreach (var (live, mapping) in mappings.Overlapping(range))
            {
                conflicts.Add(new(live, mapping.Lease.Block!.Name, false, kind, range, whose));
            }
        }
    }

    private static IEnumerable<Conflict> At(
        IovaRange range, string region, bool isSkippable, ReservedRegionSet reserved, ValidIovaRanges outside, string owner)
    {
        foreach (var hole in reserved.Conflicts(range))
        {
            yield return new(range, region, isSkippable, hole.Kind, hole.Range, hole.Owner);
        }

        foreach (var beyond in outside)
        {
            if (beyond.Overlaps(range))
            {
                yield return new(range, region, isSkippable, null, beyond, owner);
            }
        }
    }

    private static ValidIovaRanges OutsideOf(ValidIovaRanges? aperture) =>
        aperture is null ? new([]) : aperture.Aggregate(ValidIovaRanges.All, (left, inside) => left.Without(inside));
}
