namespace Vmm.Lab.Histories;

/// <summary>IOVAs and sizes at which kernels have something to decide.</summary>
internal static class Places
{
    private const ulong Page = 0x1000;

    /// <summary>Somewhere to map: mostly in the middle of nowhere, often at an edge.</summary>
    public static ulong Anchor(Dice dice) => dice.Chance(50)
        ? dice.Of(0x10_0000UL, 0x4000_0000UL, 0x2_0000_0000UL)
        : dice.Of(
            0UL,
            (1UL << 32) - (4 * Page),
            0xfee0_0000 - (4 * Page),
            0xfeef_0000,
            (1UL << 39) - (4 * Page),
            (1UL << 48) - (4 * Page),
            (1UL << 52) - (4 * Page),
            (1UL << 57) - (4 * Page),
            0xfd_0000_0000 - (4 * Page),
            0xffff_ffff_ffff_8000);

    /// <summary>An IOVA near one of the anchors, now and then misaligned or anywhere.</summary>
    public static ulong Iova(Draft draft)
    {
        var dice = draft.Dice;
        if (dice.Chance(3))
        {
            return dice.Of(0UL, ulong.MaxValue, 0xffff_ffff_ffff_f000, 1UL << 63, dice.Next(), dice.Next() & ~(Page - 1));
        }

        var near = draft.Anchors[dice.Below(draft.Anchors.Count)] + (Page * (ulong)dice.Below(24));
        return dice.Chance(3) ? near + dice.Of(1UL, 0x800UL, 0xfffUL) : near;
    }

    /// <summary>A size: a few pages, now and then nothing, misaligned, or huge.</summary>
    /// <remarks>Between the small and the huge lies what a dirty bitmap can be made for, but not in the memory of a small guest.</remarks>
    public static ulong Size(Dice dice) => dice.Chance(92)
        ? Page * (ulong)(1 + dice.Below(dice.Chance(10) ? 80 : 8))
        : dice.Of(0UL, 1UL, 0x800UL, Page + 1, 1UL << 44, 1UL << 52, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 0xfff, 0x20_0000UL, 0x30_0000UL);
}
