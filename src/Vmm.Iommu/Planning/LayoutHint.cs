using Vmm.Iommu.AddressSpaces;

namespace Vmm.Iommu.Planning;

/// <summary>How QEMU is told to lay out memory as proposed, in plain words.</summary>
internal static class LayoutHint
{
    private const ulong FourGiB = 1UL << 32;
    private const ulong TiB = 1UL << 40;

    /// <summary>The words for a proposal that moves something; empty for one that moves nothing or is none.</summary>
    /// <param name="before">The view as it is.</param>
    /// <param name="proposal">The proposal.</param>
    public static string Of(FlatView before, LayoutProposal proposal)
    {
        if (proposal.View is not { } after || proposal.Moves.Count == 0)
        {
            return "";
        }

        var moved = proposal.Moves.Select(move => move.Region).ToHashSet(StringComparer.Ordinal);
        var low = LowEnd(after, moved);
        var high = after.From(new(FourGiB)).First(section => moved.Contains(section.Name) && section.Range.Start.Value >= FourGiB).Range.Start.Value;
        return low == 0 ? $"put {string.Join(" and ", moved.Order(StringComparer.Ordinal))} at 0x{high:x} (a pc-dimm takes addr=0x{high:x}), where the machine can do that; with less RAM nothing has to move"
            : Has(before, "pc.rom") ? Pc(LowEnd(before, moved), low, high)
            : Has(before, "virt.flash0") ? Virt(after, moved, high)
            : $"give the guest RAM from its base up to 0x{low:x}, and the rest from 0x{high:x}, where the machine can do that; with less RAM nothing has to move";
    }

    /// <summary>End of the regions' RAM below 4 GiB, exclusive; 0 where there is none.</summary>
    private static ulong LowEnd(FlatView view, HashSet<string> regions) =>
        view.DownFrom(new(FourGiB - 1)).FirstOrDefault(section => regions.Contains(section.Name)) is { } last ? last.Range.Last.Value + 1 : 0;

    private static bool Has(FlatView view, string region)
    {
        foreach (var section in view)
        {
            if (section.Name == region)
            {
                return true;
            }
        }

        return false;
    }

    private static string Pc(ulong lowBefore, ulong low, ulong high)
    {
        var below = low == lowBefore ? "" : $"QEMU's pc and q35 take -machine max-ram-below-4g={Size(low)}";
        var above = high == FourGiB ? ""
            : high == TiB ? "QEMU begins RAM above 4 GiB at 1 TiB by itself for an AMD processor model (-cpu) with enough phys-bits"
            : $"RAM above 4 GiB has to begin at 0x{high:x}, for which QEMU has no option: give the guest less RAM";
        return below.Length > 0 && above.Length > 0 ? $"{below}; {above}" : below + above;
    }

    private static string Virt(FlatView after, HashSet<string> moved, ulong high)
    {
        UInt128 SizeOf(bool isHigh) => after
            .Where(section => moved.Contains(section.Name) && section.Range.Start.Value >= FourGiB == isHigh)
            .Aggregate(UInt128.Zero, (sum, section) => sum + section.Range.Length);
        return $"QEMU's virt keeps its RAM in one piece: give it -m {Size(SizeOf(false))} and the other {Size(SizeOf(true))} as a pc-dimm with addr=0x{high:x} "
            + "(slots and maxmem of -m make room for it)";
    }

    private static string Size(UInt128 bytes) =>
        bytes % (1UL << 30) == 0 ? $"{bytes >> 30}G" : bytes % (1UL << 20) == 0 ? $"{bytes >> 20}M" : bytes % 1024 == 0 ? $"{bytes >> 10}K" : $"{bytes}";
}
