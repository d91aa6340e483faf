namespace Vmm.Lab.Histories;

/// <summary>A history while it is being written, and what its author believes to be open and mapped.</summary>
internal sealed class Draft
{
    public Draft(Dice dice, Backend backend, MachineShape shape)
    {
        (Dice, Backend, Shape) = (dice, backend, shape);
        Anchors = [.. Enumerable.Range(0, 3).Select(_ => Places.Anchor(dice))];
    }

    public Dice Dice { get; }

    public Backend Backend { get; }

    public MachineShape Shape { get; }

    public List<Operation> Operations { get; } = [];

    /// <summary>IOVAs near which this history maps, so that its mappings meet.</summary>
    public IReadOnlyList<ulong> Anchors { get; }

    /// <summary>Slots believed to be open; a group's with the number of the group.</summary>
    public Dictionary<Handle, int> Open { get; } = [];

    /// <summary>Ranges believed to be mapped.</summary>
    public List<(ulong Iova, ulong Size)> Mapped { get; } = [];

    public void Write(string name, params IEnumerable<(string Name, ulong Value)> arguments) => Operations.Add(new Operation(name, arguments));

    /// <summary>A slot of the kind: mostly one that is open, now and then any.</summary>
    public Handle Pick(HandleKind kind, int slots)
    {
        var open = Open.Keys.Where(handle => handle.Kind == kind).OrderBy(handle => handle.Slot).ToList();
        return open.Count > 0 && !Dice.Chance(6) ? open[Dice.Below(open.Count)] : new Handle(kind, Dice.Below(slots));
    }

    /// <summary>A descriptor of whatever kind. A device never stands for a container: under the same numbers it knows its own requests.</summary>
    public Handle PickAny(HandleKind insteadOf) => Pick(
        insteadOf == HandleKind.Container
            ? Dice.Of(HandleKind.Group, HandleKind.Event, HandleKind.None)
            : Dice.Of(HandleKind.Container, HandleKind.Group, HandleKind.Event, HandleKind.Device, HandleKind.None),
        2);

    /// <summary>The argsz of a struct: mostly right, else too small, larger, or nothing like it.</summary>
    public ulong ArgumentSize(int right, int room = 256) => Dice.Chance(90)
        ? (ulong)right
        : Dice.Of((ulong)right - 1, (ulong)right + 1, (ulong)right + 8, (ulong)room, 0UL, 4UL, (ulong)right / 2);

    /// <summary>A bad address now and then; 0 for a good one.</summary>
    public ulong BadAddress() => Dice.Chance(2) ? Dice.Of(0x10UL, 0x1000UL, 0xffff_8000_0000_0000UL) : 0;
}
