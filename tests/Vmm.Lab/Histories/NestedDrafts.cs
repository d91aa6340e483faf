namespace Vmm.Lab.Histories;

/// <summary>Writes the requests of /dev/iommu that no IOMMU of the lab grants, and those about the process and the IOAS of groups.</summary>
internal static class NestedDrafts
{
    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (2, VfioIoas),
        (1, draft => IommufdDrafts.Call(draft, IommufdDrafts.Pick(draft), "change-process", 8, ("reserved", IommufdDrafts.Rarely(draft, 1)))),
        (1, Invalidate),
        (1, FaultQueue),
        (1, AllocateViommu),
        (1, AllocateVdevice),
        (1, AllocateEventQueue),
        (1, AllocateHardwareQueue),
    ];

    private static void VfioIoas(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "vfio-ioas",
            12,
            ("ioas", draft.Id(on, IdKind.Ioas)),
            ("op", draft.Dice.Chance(95) ? (ulong)draft.Dice.Below(3) : 3),
            ("reserved", IommufdDrafts.Rarely(draft, 1)));
    }

    private static void Invalidate(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "invalidate",
            32,
            ("hwpt", draft.Id(on, IdKind.PageTable)),
            ("type", (ulong)draft.Dice.Below(3)),
            ("entry", draft.Dice.Of(0UL, 8UL, 16UL, 0x1000UL, 0x1001UL)),
            ("count", draft.Dice.Of(0UL, 1UL, 2UL, 1UL << 19, (1UL << 19) + 1)),
            ("reserved", IommufdDrafts.Rarely(draft, 1)),
            ("pointer", draft.Dice.Chance(85) ? 0UL : 0x1000));
    }

    /// <summary>Its descriptor takes the slot of an event.</summary>
    private static void FaultQueue(Draft draft) => IommufdDrafts.Call(
        draft,
        IommufdDrafts.Pick(draft),
        "fault-queue",
        16,
        ("with", new Handle(HandleKind.Event, 2 + draft.Dice.Below(2)).Number),
        ("flags", IommufdDrafts.Rarely(draft, 1)));

    private static void AllocateViommu(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "viommu-alloc",
            40,
            ("flags", IommufdDrafts.Rarely(draft, 1)),
            ("type", (ulong)draft.Dice.Below(3)),
            ("device", draft.Id(on, IdKind.Device)),
            ("hwpt", draft.Id(on, IdKind.PageTable)));
    }

    private static void AllocateVdevice(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(draft, on, "vdevice-alloc", 24, ("viommu", draft.Id(on, IdKind.PageTable)), ("device", draft.Id(on, IdKind.Device)));
    }

    private static void AllocateEventQueue(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "veventq-alloc",
            32,
            ("flags", IommufdDrafts.Rarely(draft, 1)),
            ("viommu", draft.Id(on, IdKind.PageTable)),
            ("type", (ulong)draft.Dice.Below(3)),
            ("depth", draft.Dice.Of(0UL, 1UL, 1UL << 19, (1UL << 19) + 1)),
            ("reserved", IommufdDrafts.Rarely(draft, 1)));
    }

    private static void AllocateHardwareQueue(Draft draft)
    {
        var on = IommufdDrafts.Pick(draft);
        IommufdDrafts.Call(
            draft,
            on,
            "hw-queue-alloc",
            40,
            ("flags", IommufdDrafts.Rarely(draft, 1)),
            ("viommu", draft.Id(on, IdKind.PageTable)),
            ("type", (ulong)draft.Dice.Below(3)),
            ("iova", Places.Iova(draft)),
            ("length", Places.Size(draft.Dice)));
    }
}
