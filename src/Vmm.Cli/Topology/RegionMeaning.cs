using Vmm.Iommu.Reserved;

namespace Vmm.Cli.Topology;

/// <summary>What each kind of reserved region means for a guest, in a few words.</summary>
internal static class RegionMeaning
{
    /// <summary>The words for a kind.</summary>
    public static string Of(ReservedRegionKind kind) => kind switch
    {
        ReservedRegionKind.Msi => "interrupts: nothing may be mapped here",
        ReservedRegionKind.Reserved => "never translated: nothing may be mapped here",
        ReservedRegionKind.DirectRelaxable => "a wish of firmware: no conflict, guest RAM may lie here",
        ReservedRegionKind.Direct => "needed 1:1 by firmware: the group cannot be assigned",
        _ => "asked for by the user: nothing may be mapped here",
    };
}
