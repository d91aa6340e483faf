using Vmm.Iommu.Addressing;
using Vmm.Iommu.HotPath;

namespace Vmm.Actors;

/// <summary>
/// The VMM's vIOMMU, as an address space sees it that lies behind it: it makes its mappings through the space's
/// <see cref="DmaMapper"/>, and here it is asked to make them once more.
/// </summary>
public interface IGuestIommu
{
    /// <summary>
    /// Makes every mapping that the guest has in a window now, by <see cref="DmaMapper.MapNotify"/> with <c>isReplay</c>: asked
    /// when a section that it translates comes into the view while there are containers, and when a container comes while there
    /// are such sections. From the call on it tells every map and unmap of the guest in that window. It may be asked again about
    /// a window that it knows, never while an earlier question of the same space is unanswered.
    /// </summary>
    /// <remarks>
    /// Runs inside the space's actor up to its first await, so a long one goes on elsewhere. It keeps its replay and its own
    /// notifications for the same IOVA apart: a map that it replays after it has told the unmap would bring the mapping back.
    /// QEMU: this is also where the notifier is registered, and a vIOMMU refuses that does not tell of maps.
    /// </remarks>
    /// <param name="window">IOVAs, both ends inclusive; whole pages of the host.</param>
    /// <param name="mapper">Where the mappings go: all containers of the space, of which some may have them.</param>
    /// <returns>
    /// What was replayed. A map that is refused refuses nothing here: the guest sees its device fault. A refusal of the vIOMMU, or
    /// an exception, undoes the attach, or leaves the section out of the view.
    /// </returns>
    Task<ReplayOutcome> ReplayAsync(IovaRange window, DmaMapper mapper);
}
