namespace Vmm.Lab.Histories;

/// <summary>Writes what opens, joins, leaves and closes.</summary>
internal static class LifeCycleOperations
{
    /// <summary>Containers a history has at most.</summary>
    public const int Containers = 3;

    /// <summary>Group slots: more than groups, so that one is opened twice.</summary>
    public const int Groups = 5;

    /// <summary>Extensions and types that mean something, and some that do not.</summary>
    private const int Types = 13;

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (3, draft => Open(draft, new Handle(HandleKind.Container, draft.Dice.Below(Containers)))),
        (6, draft => Open(draft, new Handle(HandleKind.Group, draft.Dice.Below(Groups)))),
        (1, draft => Open(draft, new Handle(HandleKind.Event, draft.Dice.Below(4)))),
        (2, draft => Close(draft, draft.Pick(HandleKind.Container, Containers))),
        (4, draft => Close(draft, draft.Pick(HandleKind.Group, Groups))),
        (9, SetContainer),
        (4, draft => draft.Write("unset-container", ("on", On(draft, HandleKind.Group, Groups)))),
        (8, SetIommu),
        (4, draft => draft.Write("status", ("on", On(draft, HandleKind.Group, Groups)), ("argsz", draft.ArgumentSize(8)), ("bad", draft.BadAddress()))),
        (5, draft => draft.Write("extension", ("on", On(draft, HandleKind.Container, Containers)), ("value", Type(draft)))),
        (1, draft => draft.Write("api-version", ("on", On(draft, HandleKind.Container, Containers)))),
        (2, Raw),
        (2, draft => draft.Write("locked")),
    ];

    /// <summary>Mostly the usual way to a container with a backend.</summary>
    public static void Begin(Draft draft)
    {
        draft.Write("open", ("on", new Handle(HandleKind.Event, 0).Number));
        draft.Write("open", ("on", new Handle(HandleKind.Event, 1).Number));
        if (draft.Backend == Backend.Iommufd)
        {
            IommufdDrafts.Begin(draft);
            return;
        }

        if (draft.Dice.Chance(15))
        {
            draft.Write("entry-limit", ("value", draft.Dice.Of(0UL, 1UL, 3UL, 8UL)));
        }

        if (draft.Dice.Chance(5))
        {
            return;
        }

        Open(draft, new Handle(HandleKind.Container, 0));
        var groups = 1 + draft.Dice.Below(2);
        for (var slot = 0; slot < groups; slot++)
        {
            var group = new Handle(HandleKind.Group, slot);
            Open(draft, group);
            draft.Write("set-container", ("on", group.Number), ("with", new Handle(HandleKind.Container, 0).Number));
        }

        draft.Write("set-iommu", ("on", new Handle(HandleKind.Container, 0).Number), ("value", Usual(draft.Backend)));
    }

    /// <summary>What the history leaves is looked at, then closed in an order of its own.</summary>
    public static void End(Draft draft)
    {
        for (var slot = 0; slot < Containers; slot++)
        {
            draft.Write("info", ("on", new Handle(HandleKind.Container, slot).Number), ("argsz", 256UL));
        }

        for (var slot = 0; slot < Groups; slot++)
        {
            draft.Write("status", ("on", new Handle(HandleKind.Group, slot).Number), ("argsz", 8UL));
        }

        draft.Write("locked");
        var left = draft.Open.Keys.OrderBy(handle => handle.Number).ToList();
        while (left.Count > 0)
        {
            var index = draft.Dice.Below(left.Count);
            draft.Write("close", ("on", left[index].Number));
            left.RemoveAt(index);
        }

        draft.Write("locked");
    }

    /// <summary>A handle's number for an operation that wants that kind; now and then of another kind.</summary>
    public static ulong On(Draft draft, HandleKind kind, int slots) =>
        (draft.Dice.Chance(2) ? draft.PickAny(kind) : draft.Pick(kind, slots)).Number;

    /// <summary>Closes a slot.</summary>
    public static void Close(Draft draft, Handle handle)
    {
        draft.Write("close", ("on", handle.Number));
        draft.Open.Remove(handle);
    }

    private static void Open(Draft draft, Handle handle)
    {
        var index = draft.Dice.Below(Math.Max(1, draft.Shape.Groups.Count));
        draft.Write("open", ("on", handle.Number), ("index", (ulong)index));
        draft.Open.TryAdd(handle, index);
    }

    private static void SetContainer(Draft draft)
    {
        var with = draft.Dice.Chance(6) ? draft.PickAny(HandleKind.None) : draft.Pick(HandleKind.Container, Containers);
        draft.Write("set-container", ("on", On(draft, HandleKind.Group, Groups)), ("with", with.Number), ("bad", draft.BadAddress()));
    }

    private static void SetIommu(Draft draft) =>
        draft.Write("set-iommu", ("on", On(draft, HandleKind.Container, Containers)), ("value", draft.Dice.Chance(70) ? Usual(draft.Backend) : Type(draft)));

    /// <summary>A request that the descriptor may not know. What the device's own numbers mean beyond RESET is left out: hot reset acts on others.</summary>
    private static void Raw(Draft draft)
    {
        const uint First = 0x3b64;
        var on = draft.Pick(draft.Dice.Of(HandleKind.Container, HandleKind.Group, HandleKind.Event), 3);
        draft.Write("raw", ("on", on.Number), ("number", First + (ulong)draft.Dice.Below(30)), ("value", draft.Dice.Of(0UL, 0x10UL, 0xffff_8000_0000_0000UL)));
    }

    private static ulong Type(Draft draft) => draft.Dice.Chance(10)
        ? draft.Dice.Of(ulong.MaxValue, 1UL << 32, (1UL << 32) + 1, 1000UL)
        : (ulong)draft.Dice.Below(Types);

    private static ulong Usual(Backend backend) => backend switch
    {
        Backend.Type1V1 => 1,
        Backend.NoIommu => 8,
        _ => 3,
    };
}
