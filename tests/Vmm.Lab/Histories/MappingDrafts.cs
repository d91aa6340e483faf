namespace Vmm.Lab.Histories;

/// <summary>Writes what a container with a type1 backend is asked.</summary>
internal static class MappingDrafts
{
    private const ulong Page = 0x1000;
    private const ulong GetBitmap = 4;

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (38, Map),
        (24, Unmap),
        (5, Info),
        (12, Dirty),
    ];

    /// <summary>MAP_DMA.</summary>
    public static void Map(Draft draft)
    {
        var dice = draft.Dice;
        var on = LifeCycleOperations.OnContainer(draft);
        var (iova, size) = dice.Chance(10) ? Range(draft, on) : (Places.Iova(draft), Places.Size(dice));
        draft.Write(
            "map",
            ("on", on),
            ("argsz", draft.ArgumentSize(32)),
            ("flags", dice.Chance(80) ? dice.Of(1UL, 2UL, 3UL) : dice.Of(0UL, 4UL, 4UL, 4UL, 5UL, 7UL, 8UL, 11UL, 0x8000_0000UL)),
            ("memory", Memory(dice)),
            ("offset", Offset(dice)),
            ("iova", iova),
            ("size", size),
            ("bad", draft.BadAddress()));
    }

    /// <summary>UNMAP_DMA with every flag.</summary>
    public static void Unmap(Draft draft)
    {
        var dice = draft.Dice;
        var flags = dice.Weighted([(60, 0UL), (8, 1UL), (8, 2UL), (10, 4UL), (6, 6UL), (1, 3UL), (1, 5UL), (1, 8UL), (1, 0x8000_0000UL)]);
        var on = LifeCycleOperations.OnContainer(draft);
        var (iova, size) = (flags & 2) != 0 && !dice.Chance(15) ? (0UL, 0UL) : Range(draft, on);
        draft.Write(
            "unmap",
            [
                ("on", on),
                ("argsz", draft.ArgumentSize((flags & 1) != 0 ? 48 : 24)),
                ("flags", flags),
                ("iova", iova),
                ("size", size),
                .. (flags & 1) != 0 ? Bitmap(draft, size) : [],
                ("bad", draft.BadAddress()),
            ]);
    }

    /// <summary>IOMMU_GET_INFO with any argsz.</summary>
    public static void Info(Draft draft) => draft.Write(
        "info",
        ("on", LifeCycleOperations.OnContainer(draft)),
        ("argsz", draft.Dice.Of(256UL, 256UL, 16UL, 15UL, 20UL, 24UL, 23UL, 72UL, 104UL, 103UL, 119UL, 120UL, 0UL, 19UL)),
        ("bad", draft.BadAddress()));

    /// <summary>DIRTY_PAGES.</summary>
    public static void Dirty(Draft draft)
    {
        var dice = draft.Dice;
        var flags = dice.Weighted([(25, 1UL), (8, 2UL), (60, GetBitmap), (1, 0UL), (1, 3UL), (1, 5UL), (1, 6UL), (1, 8UL), (1, 12UL)]);
        var on = LifeCycleOperations.OnContainer(draft);
        var (iova, size) = Range(draft, on);
        draft.Write(
            "dirty",
            [
                ("on", on),
                ("argsz", draft.ArgumentSize((flags & GetBitmap) != 0 ? 48 : 8)),
                ("flags", flags),
                .. (flags & GetBitmap) != 0 ? [("iova", iova), ("size", size), .. Bitmap(draft, size)] : Array.Empty<(string, ulong)>(),
                ("bad", draft.BadAddress()),
            ]);
    }

    /// <summary>Something that is mapped in a container or an IOAS, several of them, a part of one, or anything.</summary>
    public static (ulong Iova, ulong Size) Range(Draft draft, ulong space)
    {
        var dice = draft.Dice;
        var mapped = draft.Known.Mapped.Where(range => range.Space == space).ToList();
        if (mapped.Count == 0 || dice.Chance(15))
        {
            return (Places.Iova(draft), Places.Size(dice));
        }

        var (_, iova, size) = mapped[dice.Below(mapped.Count)];
        return dice.Below(10) switch
        {
            0 => (iova - (Page * (ulong)dice.Below(4)), size + (Page * (ulong)dice.Below(8))),
            1 => (iova + Page, size - Page),
            2 => (iova, size - Page),
            3 => (iova & ~0xf_ffffUL, 0x10_0000),
            4 => (iova - (Page * (ulong)dice.Below(80)), 0x10_0000),
            _ => (iova, size),
        };
    }

    private static IEnumerable<(string Name, ulong Value)> Bitmap(Draft draft, ulong size)
    {
        var dice = draft.Dice;
        var pages = size / Page;
        var right = (pages + 63) / 64 * 8;
        yield return ("page", dice.Chance(93) ? Page : dice.Of(0UL, 1UL, 0x800UL, 0x20_0000UL, 0x1800UL, 1UL << 63));
        yield return ("bitmap", dice.Chance(90) ? right : dice.Of(0UL, right - 8, right + 8, right - 1, 1UL << 28, (1UL << 28) + 1, ulong.MaxValue, 8UL));
        yield return ("pointer", dice.Chance(95) ? 0 : dice.Of(0x1000UL, ulong.MaxValue, 0xffff_8000_0000_0000UL, 0x7fff_ffff_f000UL, 0xff_ffff_ffff_f000UL));
        yield return ("fill", dice.Chance(80) ? 0 : dice.Of(0xffUL, 0x5aUL));
    }

    private static ulong Memory(Dice dice) => dice.Weighted(
        [(40, 0UL), (20, 1UL), (6, 2UL), (3, 3UL), (5, 4UL), (2, 5UL), (1, 6UL), (1, 7UL), (4, 0x10UL), (2, 0x11UL)]);

    private static ulong Offset(Dice dice) => dice.Chance(50) ? 0
        : dice.Chance(6) ? dice.Of(1UL, 0x800UL, 0xfff0UL, ulong.MaxValue & ~0xfffUL)
        : Page * (ulong)dice.Below(16);
}
