using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>What an attach plan rests on and what it costs: for people who decide, not for the attach. Pure.</summary>
public sealed record PlanDetail
{
    /// <summary>The page sizes that costs are counted with.</summary>
    public required PageSizes Pages { get; init; }

    /// <summary>False where the kernel was not asked, so that <see cref="PageSizes.Usual"/> is assumed.</summary>
    public required bool ArePagesKnown { get; init; }

    /// <summary>Where the group can map: its aperture, as far as known, less every hole.</summary>
    public required ValidIovaRanges Reach { get; init; }

    /// <summary>Every conflict of the view with the group, ascending; those of BARs too, which are left out.</summary>
    public required IReadOnlyList<Conflict> Conflicts { get; init; }

    /// <summary>What each section of RAM costs, ascending, were it carved around every hole.</summary>
    public required IReadOnlyList<CarvingCost> Costs { get; init; }

    /// <summary>A layout in which nothing conflicts.</summary>
    public required LayoutProposal Layout { get; init; }

    /// <summary>Mappings of the whole view in a container of its own, sections that conflict left out where they may be.</summary>
    public required long EntriesNeeded { get; init; }

    /// <summary>Mappings that such a container holds.</summary>
    public required long EntryLimit { get; init; }

    /// <summary>Entries that would be left then; never below zero.</summary>
    public long EntriesLeft => Math.Max(0, EntryLimit - EntriesNeeded);

    /// <summary>Works it out.</summary>
    /// <param name="view">The view.</param>
    /// <param name="sections">What devices see of it, ascending, no hole cut out.</param>
    /// <param name="request">The attach; its containers do not matter here.</param>
    public static PlanDetail Of(FlatView view, IReadOnlyList<DmaSection> sections, AttachRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pages = request.Pages ?? PageSizes.Usual;
        var reserved = request.Reserved.Regions;
        var aperture = request.Aperture ?? ValidIovaRanges.All;
        var reach = reserved.CutFrom(aperture);
        var conflicts = Conflict.Of(request.View, reserved, request.Aperture, request.Group);
        var left = conflicts.Where(conflict => conflict.IsSkippable).Select(conflict => SectionLookup.First(request.View, conflict.GuestRange)!);
        return new PlanDetail
        {
            Pages = pages,
            ArePagesKnown = request.Pages is not null,
            Reach = reach,
            Conflicts = conflicts,
            Costs = CarvingCost.Of(sections, reach, pages),
            // RAM is carved around the user's holes, so no layout has to go around them.
            Layout = LayoutProposal.For(view, sections, new ReservedRegionSet(reserved.Where(region => region.Kind != ReservedRegionKind.User)).CutFrom(aperture)),
            EntriesNeeded = EntryCount.Of(request.View, left, pages, request.Policy.EntriesOfNewContainer).Needed,
            EntryLimit = request.Policy.EntriesOfNewContainer,
        };
    }
}
