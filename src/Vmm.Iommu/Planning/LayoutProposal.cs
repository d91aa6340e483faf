using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;

namespace Vmm.Iommu.Planning;

/// <summary>A guest layout in which all RAM lies where a group can map it, or why there is none. Pure.</summary>
/// <param name="View">The view as it would be; null where there is none.</param>
/// <param name="Moves">What lies elsewhere, by address; empty where the view fits as it is.</param>
/// <param name="WhyNone">Why there is no such layout; null where there is one.</param>
public sealed record LayoutProposal(FlatView? View, IReadOnlyList<LayoutMove> Moves, string? WhyNone)
{
    /// <summary>How QEMU is told to do so, in plain words; empty where there is nothing to do.</summary>
    public string Hint { get; init; } = "";

    /// <summary>
    /// Looks for a layout. RAM below 4 GiB is kept up to the first thing in its way, cut at a large page; the rest of its region
    /// follows above 4 GiB in one piece, where the view shows nothing. Where that has no room, only the bytes in the way are
    /// moved, to wherever is room. ROM, BARs and I/O stay where they are, and so does RAM below 4 GiB that nothing is in the way of.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="filter">Which sections devices see.</param>
    /// <param name="reach">Where the group can map: its aperture less every hole.</param>
    // QEMU: the same shape as the PC's: RAM below 4 GiB up to a limit, and all the rest from an address above.
    public static LayoutProposal For(FlatView view, SectionFilter filter, ValidIovaRanges reach)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return For(view, filter.Filter(view), reach);
    }

    /// <summary>The same where the view is filtered already. Costs time by what is in the way and by what the view shows above 4 GiB.</summary>
    /// <param name="view">The view.</param>
    /// <param name="sections">What devices see of it, ascending.</param>
    /// <param name="reach">Where the group can map.</param>
    internal static LayoutProposal For(FlatView view, IReadOnlyList<DmaSection> sections, ValidIovaRanges reach)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(reach);
        var found = new LayoutSearch(view, sections, reach).Find();
        return found with { Hint = LayoutHint.Of(view, found) };
    }
}
