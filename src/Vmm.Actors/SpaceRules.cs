using Vmm.Iommu.Addressing;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;

namespace Vmm.Actors;

/// <summary>What holds for an address space, whoever attaches to it. Immutable.</summary>
public sealed record SpaceRules
{
    /// <summary>Nothing is asked for.</summary>
    public static readonly SpaceRules None = new();

    /// <summary>
    /// Ranges in which nothing is mapped, both ends inclusive; RAM is cut around them, and a BAR that touches one is left out.
    /// A hole takes every page that it touches. The kernel knows nothing of them. Off unless asked for: each costs entries.
    /// </summary>
    public IReadOnlyList<IovaRange> Holes { get; init; } = [];

    /// <summary>True when an attach that would change what the space can map is refused (freeze-iova), and so are other holes.</summary>
    public bool FreezeWindows { get; init; }

    /// <summary>
    /// The windows that the guest was told, as by a vIOMMU: an attach that would leave less is refused, unless its policy says
    /// <see cref="AttachPolicy.MayBreakToldWindows"/>. Null when it was told none.
    /// </summary>
    public ValidIovaRanges? ToldWindows { get; init; }

    /// <summary>The holes as reserved regions: kind, owner and source are the user's.</summary>
    public ReservedRegionSet Regions => new(Holes.Select(ReservedRegion.AskedFor));

    /// <summary>What an attach may do under these rules.</summary>
    internal AttachPolicy Bind(AttachPolicy policy)
    {
        var told = policy.MayBreakToldWindows ? null : ToldWindows;
        return policy with
        {
            FreezeIova = policy.FreezeIova || FreezeWindows,
            ToldWindows = policy.ToldWindows is { } own ? new ValidIovaRanges(own.Concat(told ?? Enumerable.Empty<IovaRange>())) : told,
        };
    }
}
