namespace Vmm.Lab.Histories;

/// <summary>Writes what IOASes map.</summary>
internal static class IoasDrafts
{
    private const ulong Page = 0x1000;

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (24, Map),
        (16, Unmap),
        (8, Copy),
        (5, MapFile),
    ];

    private static void Map(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);

        // Only what both sides have at one address may be placed by the kernel, which looks at the address' alignment: no BAR.
        var flags = Flags(draft);
        var memory = draft.Dice.Weighted([(40, 0UL), (20, 1UL), (6, 2UL), (3, 3UL), (5, 4UL), (2, 5UL), (1, 6UL), (1, 7UL), (3, 0x10UL)]);
        IommufdDrafts.Call(
            draft,
            on,
            "ioas-map",
            40,
            ("flags", memory == 0x10 ? flags | 1 : flags),
            ("ioas", draft.Id(on, IdKind.Ioas)),
            ("reserved", IommufdDrafts.Rarely(draft, 1)),
            ("memory", memory),
            ("offset", draft.Dice.Chance(80) ? Page * (ulong)draft.Dice.Below(16) : draft.Dice.Of(5UL, 0x800UL)),
            ("length", Places.Size(draft.Dice)),
            ("iova", Places.Iova(draft)));
    }

    private static ulong Flags(Draft draft) =>
        draft.Dice.Weighted([(30, 7UL), (10, 5UL), (10, 3UL), (12, 6UL), (6, 4UL), (1, 0UL), (1, 1UL), (1, 8UL)]);

    /// <summary>A memfd; now and then any other open file, which the kernel looks at when its pages are wanted.</summary>
    private static void MapFile(Draft draft)
    {
        var any = draft.Dice.Chance(20) ? draft.Pick(HandleKind.Iommu, IommufdDrafts.Iommus) : draft.PickAny(HandleKind.None);
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "ioas-map-file",
            40,
            ("flags", Flags(draft)),
            ("ioas", draft.Id(on, IdKind.Ioas)),
            ("with", (draft.Dice.Chance(75) ? draft.Pick(HandleKind.File, 2) : any).Number),
            ("start", draft.Dice.Chance(80) ? Page * (ulong)draft.Dice.Below(4) : draft.Dice.Of(5UL, ulong.MaxValue)),
            ("length", Places.Size(draft.Dice)),
            ("iova", Places.Iova(draft)));
    }

    /// <summary>Everything, what was mapped, a part or more of it, or anywhere.</summary>
    private static void Unmap(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        var ioas = draft.Id(on, IdKind.Ioas);
        var (iova, length) = draft.Dice.Chance(6) ? (0UL, ulong.MaxValue) : MappingDrafts.Range(draft, Known.Space(on, ioas));
        IommufdDrafts.Call(draft, on, "ioas-unmap", 24, ("ioas", ioas), ("iova", iova), ("length", length));
    }

    /// <summary>What the source maps, a part or more of it, to the same or another IOAS.</summary>
    private static void Copy(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        var source = draft.Id(on, IdKind.Ioas);
        var (from, length) = MappingDrafts.Range(draft, Known.Space(on, source));
        IommufdDrafts.Call(
            draft,
            on,
            "ioas-copy",
            40,
            ("flags", Flags(draft)),
            ("to", draft.Id(on, IdKind.Ioas)),
            ("ioas", source),
            ("length", length),
            ("iova", Places.Iova(draft)),
            ("from", from));
    }
}
