namespace Vmm.Lab.Histories;

/// <summary>Writes what /dev/iommu and the devices' own nodes are asked.</summary>
internal static class IommufdDrafts
{
    private const ulong Page = 0x1000;
    private const int Iommus = 2;
    private const int Devices = 4;

    /// <summary>Ids that a history has at most, and one more.</summary>
    private const int Ids = 9;

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (2, draft => Open(draft, new Handle(HandleKind.Iommu, draft.Dice.Below(Iommus)))),
        (2, draft => Open(draft, new Handle(HandleKind.File, draft.Dice.Below(2)))),
        (4, OpenDevice),
        (1, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Iommu, Iommus))),
        (3, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Device, Devices))),
        (6, Bind),
        (9, Attach),
        (4, Detach),
        (6, draft => Call(draft, "ioas-alloc", 12, ("flags", Rarely(draft, 1)))),
        (5, draft => Call(draft, "destroy", 8, ("id", Id(draft)))),
        (20, Map),
        (14, Unmap),
        (5, Copy),
        (4, MapFile),
        (6, draft => Call(draft, "ioas-ranges", 32, ("ioas", Id(draft)), ("count", (ulong)draft.Dice.Below(5)), ("reserved", Rarely(draft, 1)))),
        (4, Allow),
        (3, Option),
        (5, HwptAlloc),
        (2, draft => Call(draft, "hw-info", 40, ("flags", Rarely(draft, 2)), ("device", Id(draft)))),
        (2, draft => Call(draft, "dirty-tracking", 16, ("flags", (ulong)draft.Dice.Below(3)), ("hwpt", Id(draft)))),
        (2, DirtyBitmap),
        (1, draft => draft.Write("locked")),
    ];

    /// <summary>Mostly an iommufd with an IOAS, and a device bound to it.</summary>
    public static void Begin(Draft draft)
    {
        if (draft.Dice.Chance(5))
        {
            return;
        }

        var iommu = new Handle(HandleKind.Iommu, 0);
        Open(draft, iommu);
        draft.Write("ioas-alloc", ("on", iommu.Number), ("size", 12UL));
        if (draft.Dice.Chance(80))
        {
            OpenDevice(draft);
            Bind(draft);
        }
    }

    private static void Open(Draft draft, Handle handle)
    {
        draft.Write("open", ("on", handle.Number), ("pages", 4UL));
        draft.Open.TryAdd(handle, 0);
    }

    private static void OpenDevice(Draft draft)
    {
        if (draft.Shape.Devices.Count == 0)
        {
            return;
        }

        var index = draft.Dice.Below(draft.Shape.Devices.Count);
        if (draft.Shape.Devices[index].IsSlowToOpen && !draft.Dice.Chance(5))
        {
            return;
        }

        var handle = new Handle(HandleKind.Device, draft.Dice.Below(Devices));
        draft.Write("open", ("on", handle.Number), ("index", (ulong)index));
        draft.Open.TryAdd(handle, index);
    }

    private static void Bind(Draft draft)
    {
        var with = draft.Dice.Chance(90) ? draft.Pick(HandleKind.Iommu, Iommus) : draft.PickAny(HandleKind.None);
        draft.Write(
            "bind",
            ("on", draft.Pick(HandleKind.Device, Devices).Number),
            ("with", with.Number),
            ("argsz", draft.Dice.Chance(90) ? 16UL : draft.Dice.Of(15UL, 24UL, 32UL, 0UL)),
            ("flags", Rarely(draft, 2)),
            ("tail", Rarely(draft, 0xa5)),
            ("bad", draft.BadAddress()));
    }

    private static void Attach(Draft draft) => draft.Write(
        "attach",
        ("on", draft.Pick(HandleKind.Device, Devices).Number),
        ("argsz", draft.ArgumentSize(12)),
        ("flags", Rarely(draft, 2)),
        ("pt", Id(draft)),
        ("bad", draft.BadAddress()));

    private static void Detach(Draft draft) => draft.Write(
        "detach",
        ("on", draft.Pick(HandleKind.Device, Devices).Number),
        ("argsz", draft.ArgumentSize(8)),
        ("flags", Rarely(draft, 2)),
        ("bad", draft.BadAddress()));

    private static void Map(Draft draft)
    {
        var (iova, length) = (Places.Iova(draft), Places.Size(draft.Dice));
        draft.Mapped.Add((iova, length));

        // Only what both sides have at one address may be placed by the kernel, which looks at the address' alignment.
        Call(
            draft,
            "ioas-map",
            40,
            ("flags", MapFlags(draft)),
            ("ioas", Id(draft)),
            ("reserved", Rarely(draft, 1)),
            ("memory", draft.Dice.Weighted([(40, 0UL), (20, 1UL), (6, 2UL), (3, 3UL), (5, 4UL), (2, 5UL), (1, 6UL), (1, 7UL)])),
            ("offset", draft.Dice.Chance(80) ? Page * (ulong)draft.Dice.Below(16) : draft.Dice.Of(5UL, 0x800UL)),
            ("length", length),
            ("iova", iova));
    }

    private static ulong MapFlags(Draft draft) =>
        draft.Dice.Weighted([(30, 7UL), (10, 5UL), (10, 3UL), (12, 6UL), (6, 4UL), (1, 0UL), (1, 1UL), (1, 8UL)]);

    private static void MapFile(Draft draft) => Call(
        draft,
        "ioas-map-file",
        40,
        ("flags", MapFlags(draft)),
        ("ioas", Id(draft)),
        ("with", (draft.Dice.Chance(85) ? draft.Pick(HandleKind.File, 2) : draft.PickAny(HandleKind.None)).Number),
        ("start", draft.Dice.Chance(80) ? Page * (ulong)draft.Dice.Below(4) : draft.Dice.Of(5UL, ulong.MaxValue)),
        ("length", Places.Size(draft.Dice)),
        ("iova", Places.Iova(draft)));

    private static void Unmap(Draft draft)
    {
        var (iova, length) = draft.Dice.Chance(10) ? (0UL, ulong.MaxValue)
            : draft.Mapped.Count > 0 && draft.Dice.Chance(80) ? draft.Mapped[draft.Dice.Below(draft.Mapped.Count)]
            : (Places.Iova(draft), Places.Size(draft.Dice));
        Call(draft, "ioas-unmap", 24, ("ioas", Id(draft)), ("iova", iova), ("length", draft.Dice.Chance(90) ? length : length + Page));
    }

    private static void Copy(Draft draft)
    {
        var (from, length) = draft.Mapped.Count > 0 ? draft.Mapped[draft.Dice.Below(draft.Mapped.Count)] : (0UL, Page);
        Call(
            draft,
            "ioas-copy",
            40,
            ("flags", MapFlags(draft)),
            ("to", Id(draft)),
            ("ioas", Id(draft)),
            ("length", draft.Dice.Chance(70) ? length : Page),
            ("iova", Places.Iova(draft)),
            ("from", draft.Dice.Chance(80) ? from : from + Page));
    }

    private static void Allow(Draft draft)
    {
        var start = Places.Iova(draft);
        Call(
            draft,
            "ioas-allow",
            24,
            ("ioas", Id(draft)),
            ("count", (ulong)draft.Dice.Below(3)),
            ("reserved", Rarely(draft, 1)),
            ("start", start),
            ("last", start + (Page * (ulong)draft.Dice.Below(100)) - 1),
            ("start2", start + (draft.Dice.Chance(80) ? 0x10_0000UL : 0)),
            ("last2", start + 0x1f_ffff));
    }

    private static void Option(Draft draft) => Call(
        draft,
        "option",
        24,
        ("option", draft.Dice.Chance(95) ? (ulong)draft.Dice.Below(2) : 2),
        ("op", draft.Dice.Chance(95) ? (ulong)draft.Dice.Below(2) : 2),
        ("reserved", Rarely(draft, 1)),
        ("id", draft.Dice.Chance(30) ? 0 : Id(draft)),
        ("value", draft.Dice.Chance(90) ? (ulong)draft.Dice.Below(2) : 2));

    private static void HwptAlloc(Draft draft) => Call(
        draft,
        "hwpt-alloc",
        48,
        ("flags", draft.Dice.Chance(85) ? 0 : draft.Dice.Of(1UL, 2UL, 4UL, 16UL)),
        ("device", Id(draft)),
        ("pt", Id(draft)),
        ("reserved", Rarely(draft, 1)),
        ("type", Rarely(draft, 1)),
        ("length", Rarely(draft, 8)));

    private static void DirtyBitmap(Draft draft)
    {
        var (iova, length) = draft.Mapped.Count > 0 ? draft.Mapped[draft.Dice.Below(draft.Mapped.Count)] : (0UL, Page);
        Call(
            draft,
            "dirty-bitmap",
            48,
            ("hwpt", Id(draft)),
            ("flags", Rarely(draft, 2)),
            ("reserved", Rarely(draft, 1)),
            ("iova", iova),
            ("length", Math.Min(length, 0x100 * Page)),
            ("page", draft.Dice.Chance(90) ? Page : draft.Dice.Of(0UL, 0x800UL, 3000UL)));
    }

    private static void Call(Draft draft, string name, int size, params IEnumerable<(string Name, ulong Value)> arguments) => draft.Write(
        name,
        [
            ("on", draft.Pick(HandleKind.Iommu, Iommus).Number),
            ("size", draft.Dice.Chance(95) ? (ulong)size : draft.Dice.Of((ulong)size - 1, (ulong)size + 8, 4UL, 0UL)),
            .. arguments,
            ("tail", draft.Dice.Chance(97) ? 0UL : 0xa5),
            ("bad", draft.BadAddress()),
        ]);

    private static ulong Id(Draft draft) => (ulong)(draft.Dice.Chance(60) ? 1 + draft.Dice.Below(3) : draft.Dice.Below(Ids));

    private static ulong Rarely(Draft draft, ulong value) => draft.Dice.Chance(3) ? value : 0;
}
