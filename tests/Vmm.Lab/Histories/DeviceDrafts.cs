namespace Vmm.Lab.Histories;

/// <summary>Writes what devices are asked.</summary>
internal static class DeviceDrafts
{
    private const int Devices = 4;
    private const int Bars = 2;

    /// <summary>What an open device is asked.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Questions =
    [
        (2, draft => Ask(draft, "device-info", 16, 24)),
        (2, draft => Ask(draft, "region-info", 32, 32)),
        (2, draft => Ask(draft, "irq-info", 16, 16)),
        (5, SetIrqs),
        (1, Reset),
        (3, MapBar),
        (2, draft => draft.Write("unmap-bar", ("slot", (ulong)draft.Dice.Below(Bars)))),
    ];

    /// <summary>How often each is written.</summary>
    public static readonly IReadOnlyList<(int Weight, Action<Draft> Write)> Menu =
    [
        (4, GetDevice),
        (2, draft => LifeCycleOperations.Close(draft, draft.Pick(HandleKind.Device, Devices))),
        .. Questions,
    ];

    /// <summary>A device by way of its group.</summary>
    public static void GetDevice(Draft draft)
    {
        var dice = draft.Dice;
        var joined = draft.Known.Groups(joined: true);
        var group = joined.Count > 0 && dice.Chance(85) ? joined[dice.Below(joined.Count)].Number : LifeCycleOperations.On(draft, HandleKind.Group, LifeCycleOperations.Groups);
        var kept = new Handle(HandleKind.Device, dice.Below(Devices));
        var device = DeviceOf(draft, Handle.Of(group));
        if (draft.Shape.Devices.Count > 0 && !draft.Takes(draft.Shape.Devices[device]))
        {
            return;
        }

        draft.Write(
            "get-device",
            ("on", group),
            ("with", kept.Number),
            ("device", (ulong)device),
            ("form", dice.Chance(85) ? 0 : (ulong)dice.Below(16)),
            ("bad", draft.BadAddress()));
    }

    /// <summary>A device of the group that the slot holds; now and then of another.</summary>
    private static int DeviceOf(Draft draft, Handle group)
    {
        if (draft.Shape.Devices.Count == 0)
        {
            return 0;
        }

        var number = group.Kind == HandleKind.Group ? draft.Known.IndexOf(group) : 0;
        var first = draft.Shape.Groups.Take(number).Sum(before => before.Devices.Count);
        var count = draft.Shape.Groups[number].Devices.Count;
        return count == 0 || draft.Dice.Chance(8)
            ? draft.Dice.Below(draft.Shape.Devices.Count)
            : first + draft.Dice.Below(count);
    }

    private static void Ask(Draft draft, string name, int minimum, int right)
    {
        var dice = draft.Dice;
        draft.Write(
            name,
            ("on", LifeCycleOperations.On(draft, HandleKind.Device, Devices)),
            ("argsz", draft.ArgumentSize(dice.Chance(80) ? right : minimum)),
            ("index", dice.Chance(92) ? (ulong)dice.Below(10) : dice.Of(10UL, 0xffff_ffffUL, 0x8000_0000UL)),
            ("bad", draft.BadAddress()));
    }

    private static void Reset(Draft draft)
    {
        var on = draft.PickDevice(Devices);
        if (draft.Shape.Devices.Count == 0 || draft.Takes(draft.Shape.Devices[draft.Known.IndexOf(on)]))
        {
            draft.Write("reset", ("on", on.Number));
        }
    }

    private static void SetIrqs(Draft draft)
    {
        var dice = draft.Dice;
        var data = dice.Weighted([(30, 1UL), (10, 2UL), (50, 4UL), (2, 0UL), (2, 3UL), (2, 5UL)]);
        var action = dice.Weighted([(70, 32UL), (8, 8UL), (8, 16UL), (2, 0UL), (2, 24UL), (1, 40UL), (1, 64UL)]);
        var count = dice.Chance(80) ? (ulong)dice.Below(3) : dice.Of(4UL, 0xffff_ffffUL, 8UL);
        var size = data switch { 2 => 1UL, 4 => 4UL, _ => 0UL };
        draft.Write(
            "set-irqs",
            ("on", LifeCycleOperations.On(draft, HandleKind.Device, Devices)),
            ("argsz", draft.ArgumentSize(20 + (int)(size * Math.Min(count, 8)))),
            ("flags", data | action),
            ("index", dice.Chance(92) ? (ulong)dice.Below(6) : dice.Of(7UL, 0xffff_ffffUL)),
            ("start", dice.Chance(85) ? 0 : dice.Of(1UL, 2UL, 0xffff_ffffUL)),
            ("count", count),
            ("data", (ulong)dice.Below(256)),
            ("with", dice.Weighted([(80, new Handle(HandleKind.Event, 0)), (8, default), (4, draft.Pick(HandleKind.Container, 3)), (4, new Handle(HandleKind.Event, 2))]).Number),
            ("bad", draft.BadAddress()));
    }

    private static void MapBar(Draft draft)
    {
        var dice = draft.Dice;
        draft.Write(
            "map-bar",
            ("on", LifeCycleOperations.On(draft, HandleKind.Device, Devices)),
            ("slot", (ulong)dice.Below(Bars)),
            ("index", dice.Chance(85) ? 0 : (ulong)dice.Below(12)),
            ("offset", dice.Chance(80) ? 0 : dice.Of(0x1000UL, 0x10_0000UL, 0xf_f000UL)),
            ("length", dice.Chance(85) ? 0x1000UL * (ulong)(1 + dice.Below(4)) : dice.Of(0UL, 0x10_0000UL, 0x10_1000UL, 0x800UL)),
            ("protection", dice.Chance(85) ? 3 : (ulong)dice.Below(4)),
            ("private", dice.Chance(4) ? 1UL : 0UL));
    }
}
