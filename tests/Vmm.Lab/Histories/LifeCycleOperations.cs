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
        (5, OpenGroup),
        (1, draft => Open(draft, new Handle(HandleKind.Event, draft.Dice.Below(4)))),
        (1, draft => Close(draft, draft.Pick(HandleKind.Container, Containers))),
        (3, draft => Close(draft, draft.Pick(HandleKind.Group, Groups))),
        (6, SetContainer),
        (3, UnsetContainer),
        (4, SetIommu),
        (3, Status),
        (4, Extension),
        (1, draft => draft.Write("api-version", ("on", OnContainer(draft)))),
        (2, Raw),
        (2, draft => draft.Write("locked")),
    ];

    /// <summary>Mostly the usual way to a container with a backend.</summary>
    public static void Begin(Draft draft)
    {
        Open(draft, new Handle(HandleKind.Event, 0));
        Open(draft, new Handle(HandleKind.Event, 1));
        if (draft.Backend == Backend.Iommufd)
        {
            Open(draft, new Handle(HandleKind.Iommu, 0));
            return;
        }

        if (draft.Dice.Chance(15))
        {
            draft.Write("entry-limit", ("value", draft.Dice.Of(0UL, 1UL, 3UL, 8UL)));
        }

        Open(draft, new Handle(HandleKind.Container, 0));
    }

    /// <summary>Writes the next step towards something that maps, and a device to ask; false where both are there.</summary>
    public static bool TryApproach(Draft draft)
    {
        if (draft.Backend == Backend.Iommufd)
        {
            return IommufdDrafts.TryApproach(draft);
        }

        var known = draft.Known;
        var containers = known.OpenOf(HandleKind.Container);
        if (containers.Count == 0)
        {
            Open(draft, new Handle(HandleKind.Container, draft.Dice.Below(Containers)));
        }
        else if (!containers.Any(known.HasGroup))
        {
            JoinGroup(draft, containers[draft.Dice.Below(containers.Count)]);
        }
        else if (!containers.Any(known.Ready.Contains))
        {
            return TrySetIommu(draft, containers.Where(known.HasGroup).ToList());
        }
        else if (known.OpenOf(HandleKind.Device).Count == 0 && draft.Dice.Chance(20))
        {
            DeviceDrafts.GetDevice(draft);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>What the history leaves is looked at.</summary>
    public static void Look(Draft draft)
    {
        for (var slot = 0; slot < Containers; slot++)
        {
            draft.Write("info", ("on", new Handle(draft.KindOfContainer, slot).Number), ("argsz", 256UL));
        }

        foreach (var group in draft.Known.OpenOf(HandleKind.Group))
        {
            draft.Write("status", ("on", group.Number), ("argsz", 8UL));
        }

        if (draft.Backend == Backend.Iommufd)
        {
            IommufdDrafts.Look(draft);
        }

        draft.Write("locked");
    }

    /// <summary>Everything is closed, in an order of its own.</summary>
    public static void CloseAll(Draft draft)
    {
        var left = draft.Known.Open.ToList();
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
        (draft.Dice.Chance(2) ? draft.PickAny(kind) : kind == HandleKind.Device ? draft.PickDevice(slots) : draft.Pick(kind, slots)).Number;

    /// <summary>A container, or what stands for one; now and then something else.</summary>
    public static ulong OnContainer(Draft draft) =>
        (draft.Dice.Chance(2) ? draft.PickAny(draft.KindOfContainer) : draft.PickContainer(Containers)).Number;

    /// <summary>Opens a slot.</summary>
    public static void Open(Draft draft, Handle handle) =>
        draft.Write("open", ("on", handle.Number), ("index", (ulong)draft.Dice.Below(Math.Max(1, draft.Shape.Groups.Count))));

    /// <summary>Closes a slot.</summary>
    public static void Close(Draft draft, Handle handle) => draft.Write("close", ("on", handle.Number));

    /// <summary>Opens a group's node.</summary>
    /// <remarks>Few machines have more than one group without an IOMMU, so histories about such groups look for them.</remarks>
    public static void OpenGroup(Draft draft)
    {
        var groups = draft.Shape.Groups;
        var unprotected = Enumerable.Range(0, groups.Count).Where(index => groups[index].IsUnprotected).ToList();
        var index = draft.Backend == Backend.NoIommu && unprotected.Count > 0 && draft.Dice.Chance(60)
            ? unprotected[draft.Dice.Below(unprotected.Count)]
            : draft.Dice.Below(Math.Max(1, groups.Count));
        draft.Write("open", ("on", new Handle(HandleKind.Group, draft.Dice.Below(Groups)).Number), ("index", (ulong)index));
    }

    /// <summary>SET_CONTAINER, mostly of a group that has none.</summary>
    public static void SetContainer(Draft draft)
    {
        var free = draft.Known.Groups(joined: false);
        var group = free.Count > 0 && draft.Dice.Chance(70) ? free[draft.Dice.Below(free.Count)].Number : On(draft, HandleKind.Group, Groups);
        var with = draft.Dice.Chance(6) ? draft.PickAny(HandleKind.None) : draft.Pick(draft.KindOfContainer, Containers);
        Join(draft, group, with, ("bad", draft.BadAddress()));
    }

    /// <summary>UNSET_CONTAINER.</summary>
    public static void UnsetContainer(Draft draft) => draft.Write("unset-container", ("on", On(draft, HandleKind.Group, Groups)));

    /// <summary>SET_IOMMU.</summary>
    public static void SetIommu(Draft draft) => draft.Write(
        "set-iommu",
        ("on", On(draft, draft.KindOfContainer, Containers)),
        ("value", draft.Dice.Chance(70) ? Usual(draft.Backend) : Type(draft)));

    /// <summary>GET_STATUS.</summary>
    public static void Status(Draft draft) =>
        draft.Write("status", ("on", On(draft, HandleKind.Group, Groups)), ("argsz", draft.ArgumentSize(8)), ("bad", draft.BadAddress()));

    /// <summary>CHECK_EXTENSION.</summary>
    public static void Extension(Draft draft) => draft.Write("extension", ("on", OnContainer(draft)), ("value", Type(draft)));

    /// <summary>A request that the descriptor may not know. What the device's own numbers mean beyond RESET is left out: hot reset acts on others.</summary>
    public static void Raw(Draft draft)
    {
        const uint First = 0x3b64;
        var on = draft.Pick(draft.Dice.Of(draft.KindOfContainer, HandleKind.Group, HandleKind.Event), 3);
        draft.Write("raw", ("on", on.Number), ("number", First + (ulong)draft.Dice.Below(30)), ("value", draft.Dice.Of(0UL, 0x10UL, 0xffff_8000_0000_0000UL)));
    }

    /// <summary>A container that refused waits until somebody joins or leaves; of a group whose container always would, another takes the place.</summary>
    private static bool TrySetIommu(Draft draft, List<Handle> joined)
    {
        var hopeful = joined.Where(container => !draft.Known.Refused.Contains(container)).ToList();
        if (hopeful.Count > 0)
        {
            draft.Write("set-iommu", ("on", hopeful[draft.Dice.Below(hopeful.Count)].Number), ("value", Usual(draft.Backend)));
            return true;
        }

        if (!draft.Dice.Chance(40))
        {
            return false;
        }

        var groups = draft.Known.Groups(joined: true);
        Close(draft, groups[draft.Dice.Below(groups.Count)]);
        return true;
    }

    /// <summary>Writes SET_CONTAINER, or for a container that holds a vast mapping the close of it.</summary>
    /// <remarks>KERNEL: an attach that type1 takes back looks at every page of every mapping, for hours and past every signal (docs/kernel.md).</remarks>
    private static void Join(Draft draft, ulong group, Handle with, params (string Name, ulong Value)[] rest)
    {
        if (draft.Known.HoldsVast(with))
        {
            Close(draft, with);
        }
        else
        {
            draft.Write("set-container", [("on", group), ("with", with.Number), .. rest]);
        }
    }

    /// <summary>A group that is open and free goes into the container; without one a group is opened.</summary>
    private static void JoinGroup(Draft draft, Handle container)
    {
        var free = draft.Known.Groups(joined: false);
        if (free.Count > 0 && draft.Dice.Chance(70))
        {
            Join(draft, free[draft.Dice.Below(free.Count)].Number, container);
        }
        else if (draft.Known.OpenOf(HandleKind.Group).Count < Groups)
        {
            OpenGroup(draft);
        }
        else
        {
            Close(draft, draft.Pick(HandleKind.Group, Groups));
        }
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
