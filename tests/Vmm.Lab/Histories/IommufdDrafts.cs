namespace Vmm.Lab.Histories;

/// <summary>Writes what /dev/iommu and the devices' own nodes are asked; mappings have <see cref="IoasDrafts"/>.</summary>
internal static class IommufdDrafts
{
    /// <summary>Open /dev/iommu files a history has at most.</summary>
    public const int Iommus = 2;

    private const ulong Page = 0x1000;
    private const int Devices = 4;
    private const int Files = 2;

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (2, draft => Open(draft, new Handle(HandleKind.Iommu, draft.Dice.Below(Iommus)))),
        (2, draft => Open(draft, new Handle(HandleKind.File, draft.Dice.Below(Files)))),
        (4, OpenDevice),
        (1, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Iommu, Iommus))),
        (3, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Device, Devices))),
        (8, Bind),
        (10, Attach),
        (4, Detach),
        (6, IoasAlloc),
        (6, Destroy),
        (5, Ranges),
        (4, Allow),
        (4, Option),
        (7, HwptAlloc),
        (2, HardwareInfo),
        (3, DirtyTracking),
        (4, DirtyBitmap),
        (1, draft => draft.Write("locked")),
        .. IoasDrafts.Menu,
        .. NestedDrafts.Menu,
        .. GroupsOfIommufdDrafts.Menu,
    ];

    /// <summary>Writes the next step towards an IOAS and a device that is bound; false where both are there.</summary>
    public static bool TryApproach(Draft draft)
    {
        var known = draft.Known;
        var iommus = known.OpenOf(HandleKind.Iommu);
        var devices = known.OpenOf(HandleKind.Device);
        if (iommus.Count == 0)
        {
            Open(draft, new Handle(HandleKind.Iommu, draft.Dice.Below(Iommus)));
        }
        else if (known.IdsOf(iommus[0], IdKind.Ioas).Count == 0)
        {
            draft.Write("ioas-alloc", ("on", iommus[0].Number), ("size", 12UL));
        }
        else if (devices.Count == 0)
        {
            OpenDevice(draft);
        }
        else if (devices.FirstOrDefault(device => !known.Bound.ContainsKey(device) && !known.Refused.Contains(device)) is { Kind: HandleKind.Device } free && draft.Dice.Chance(40))
        {
            draft.Write("bind", ("on", free.Number), ("with", iommus[0].Number), ("argsz", 16UL));
        }
        else if (known.OpenOf(HandleKind.File).Count == 0)
        {
            Open(draft, new Handle(HandleKind.File, draft.Dice.Below(Files)));
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>What is left in IOASes: which IOVAs are free, and how much was mapped.</summary>
    public static void Look(Draft draft)
    {
        foreach (var iommu in draft.Known.OpenOf(HandleKind.Iommu))
        {
            foreach (var id in draft.Known.IdsOf(iommu, IdKind.Ioas))
            {
                draft.Write("ioas-ranges", ("on", iommu.Number), ("size", 32UL), ("ioas", id), ("count", 8UL));
                draft.Write("ioas-unmap", ("on", iommu.Number), ("size", 24UL), ("ioas", id), ("iova", 0UL), ("length", ulong.MaxValue));
            }
        }
    }

    /// <summary>An iommufd, mostly one with an IOAS.</summary>
    public static Handle Pick(Draft draft) => draft.PickContainer(Iommus);

    /// <summary>A request of /dev/iommu: a struct whose size is mostly right, zero behind it, mostly at a good address.</summary>
    public static void Call(Draft draft, Handle on, string name, int size, params IEnumerable<(string Name, ulong Value)> arguments) => draft.Write(
        name,
        [
            ("on", on.Number),
            ("size", draft.Dice.Chance(96) ? (ulong)size : draft.Dice.Of((ulong)size - 1, (ulong)size + 8, 4UL, 0UL)),
            .. arguments,
            ("tail", draft.Dice.Chance(97) ? 0UL : 0xa5),
            ("bad", draft.BadAddress()),
        ]);

    /// <summary>A value that is refused, now and then; else 0.</summary>
    public static ulong Rarely(Draft draft, ulong value) => draft.Dice.Chance(3) ? value : 0;

    private static void Open(Draft draft, Handle handle) => draft.Write("open", ("on", handle.Number), ("pages", 4UL));

    private static void OpenDevice(Draft draft)
    {
        if (draft.Shape.Devices.Count == 0)
        {
            return;
        }

        var index = draft.Dice.Below(draft.Shape.Devices.Count);
        if (draft.Takes(draft.Shape.Devices[index]))
        {
            draft.Write("open", ("on", new Handle(HandleKind.Device, draft.Dice.Below(Devices)).Number), ("index", (ulong)index));
        }
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

    /// <summary>To an id of the device's own iommufd, mostly of an IOAS.</summary>
    private static void Attach(Draft draft)
    {
        var device = draft.PickDevice(Devices);
        var iommu = draft.Known.Bound.GetValueOrDefault(device, new Handle(HandleKind.Iommu, 0));
        var kind = draft.Dice.Weighted([(65, IdKind.Ioas), (30, IdKind.PageTable), (5, IdKind.Device)]);
        draft.Write(
            "attach",
            ("on", device.Number),
            ("argsz", draft.ArgumentSize(12)),
            ("flags", Rarely(draft, 2)),
            ("pt", draft.Id(iommu, kind)),
            ("bad", draft.BadAddress()));
    }

    private static void Detach(Draft draft) => draft.Write(
        "detach",
        ("on", draft.PickDevice(Devices).Number),
        ("argsz", draft.ArgumentSize(8)),
        ("flags", Rarely(draft, 2)),
        ("bad", draft.BadAddress()));

    private static void IoasAlloc(Draft draft) => Call(draft, draft.Pick(HandleKind.Iommu, Iommus), "ioas-alloc", 12, ("flags", Rarely(draft, 1)));

    private static void Destroy(Draft draft)
    {
        var on = Pick(draft);
        Call(draft, on, "destroy", 8, ("id", draft.Id(on, draft.Dice.Of(IdKind.Ioas, IdKind.PageTable, IdKind.PageTable, IdKind.Device))));
    }

    private static void Ranges(Draft draft)
    {
        var on = Pick(draft);
        Call(draft, on, "ioas-ranges", 32, ("ioas", draft.Id(on, IdKind.Ioas)), ("count", (ulong)draft.Dice.Below(5)), ("reserved", Rarely(draft, 1)));
    }

    private static void Allow(Draft draft)
    {
        var on = Pick(draft);
        var start = Places.Iova(draft);
        Call(
            draft,
            on,
            "ioas-allow",
            24,
            ("ioas", draft.Id(on, IdKind.Ioas)),
            ("count", (ulong)draft.Dice.Below(3)),
            ("reserved", Rarely(draft, 1)),
            ("start", start),
            ("last", start + (Page * (ulong)draft.Dice.Below(100)) - 1),
            ("start2", start + (draft.Dice.Chance(80) ? 0x10_0000UL : 0)),
            ("last2", start + 0x1f_ffff));
    }

    private static void Option(Draft draft)
    {
        var on = Pick(draft);
        Call(
            draft,
            on,
            "option",
            24,
            ("option", draft.Dice.Weighted([(25, 0UL), (70, 1UL), (5, 2UL)])),
            ("op", draft.Dice.Chance(95) ? (ulong)draft.Dice.Below(2) : 2),
            ("reserved", Rarely(draft, 1)),
            ("id", draft.Dice.Chance(25) ? 0 : draft.Id(on, IdKind.Ioas)),
            ("value", draft.Dice.Chance(90) ? (ulong)draft.Dice.Below(2) : 2));
    }

    private static void HwptAlloc(Draft draft)
    {
        var on = Pick(draft);
        Call(
            draft,
            on,
            "hwpt-alloc",
            48,
            ("flags", draft.Dice.Chance(80) ? 0 : draft.Dice.Of(1UL, 2UL, 4UL, 8UL, 16UL)),
            ("device", draft.Id(on, IdKind.Device)),
            ("pt", draft.Id(on, draft.Dice.Chance(90) ? IdKind.Ioas : IdKind.PageTable)),
            ("reserved", Rarely(draft, 1)),
            ("type", Rarely(draft, 1)),
            ("length", Rarely(draft, 8)));
    }

    private static void HardwareInfo(Draft draft)
    {
        var on = Pick(draft);
        Call(draft, on, "hw-info", 40, ("flags", Rarely(draft, 2)), ("device", draft.Id(on, IdKind.Device)));
    }

    private static void DirtyTracking(Draft draft)
    {
        var on = Pick(draft);
        Call(draft, on, "dirty-tracking", 16, ("flags", (ulong)draft.Dice.Below(3)), ("hwpt", draft.Id(on, IdKind.PageTable)));
    }

    private static void DirtyBitmap(Draft draft)
    {
        var on = Pick(draft);
        var (iova, length) = MappingDrafts.Range(draft, Known.Space(on, draft.Id(on, IdKind.Ioas)));
        Call(
            draft,
            on,
            "dirty-bitmap",
            48,
            ("hwpt", draft.Id(on, IdKind.PageTable)),
            ("flags", Rarely(draft, 2)),
            ("reserved", Rarely(draft, 1)),
            ("iova", iova),
            ("length", Math.Min(length, 0x100 * Page)),
            ("page", draft.Dice.Chance(90) ? Page : draft.Dice.Of(0UL, 0x800UL, 3000UL)));
    }
}
