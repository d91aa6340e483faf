namespace Vmm.Lab.Histories;

/// <summary>A history while it is being written, and what its author knows of what was opened, joined and mapped so far.</summary>
internal sealed class Draft
{
    /// <summary>Of a hundred histories, those with devices whose opening resets them: that takes as long as hundreds of other operations.</summary>
    private const int WithSlowDevices = 8;

    private readonly Queue<Operation> _written = [];
    private readonly bool _takesSlowDevices;

    public Draft(Dice dice, Backend backend, MachineShape shape)
    {
        (Dice, Backend, Shape) = (dice, backend, shape);
        Anchors = [.. Enumerable.Range(0, 3).Select(_ => Places.Anchor(dice))];
        _takesSlowDevices = dice.Chance(WithSlowDevices);
    }

    public Dice Dice { get; }

    public Backend Backend { get; }

    public MachineShape Shape { get; }

    /// <summary>IOVAs near which this history maps, so that its mappings meet.</summary>
    public IReadOnlyList<ulong> Anchors { get; }

    /// <summary>What the answers so far tell.</summary>
    public Known Known { get; } = new();

    /// <summary>What groups are put into: an iommufd where there are no containers.</summary>
    public HandleKind KindOfContainer => Backend == Backend.Iommufd ? HandleKind.Iommu : HandleKind.Container;

    /// <summary>True for a device that this history opens and resets.</summary>
    public bool Takes(DeviceShape device) => _takesSlowDevices || !device.IsSlowToOpen;

    /// <summary>Writes an operation behind those that wait.</summary>
    public void Write(string name, params IEnumerable<(string Name, ulong Value)> arguments) => _written.Enqueue(new Operation(name, arguments));

    /// <summary>The oldest operation that waits, or null.</summary>
    public Operation? Take() => _written.TryDequeue(out var next) ? next : null;

    /// <summary>A slot of the kind: mostly one that is open, now and then any.</summary>
    public Handle Pick(HandleKind kind, int slots) => PickOf(Known.OpenOf(kind), kind, slots);

    /// <summary>A container or an iommufd: mostly one that can be asked to map.</summary>
    public Handle PickContainer(int slots)
    {
        var ready = Known.OpenOf(KindOfContainer).Where(Known.Ready.Contains).ToList();
        return ready.Count > 0 && Dice.Chance(85) ? ready[Dice.Below(ready.Count)] : Pick(KindOfContainer, slots);
    }

    /// <summary>A device: mostly one that is open, and of those mostly one that its iommufd has.</summary>
    public Handle PickDevice(int slots)
    {
        var bound = Known.OpenOf(HandleKind.Device).Where(Known.Bound.ContainsKey).ToList();
        return bound.Count > 0 && Dice.Chance(80) ? bound[Dice.Below(bound.Count)] : Pick(HandleKind.Device, slots);
    }

    /// <summary>A descriptor of whatever kind. A device never stands for a container or an iommufd: under the same numbers it knows its own requests.</summary>
    public Handle PickAny(HandleKind insteadOf) => Pick(
        insteadOf is HandleKind.Container or HandleKind.Iommu
            ? Dice.Of(HandleKind.Group, HandleKind.Event, HandleKind.None)
            : Dice.Of(HandleKind.Container, HandleKind.Group, HandleKind.Event, HandleKind.Device, HandleKind.None),
        2);

    /// <summary>An id in an iommufd: mostly one of that kind, else any that a history is likely to have.</summary>
    public ulong Id(Handle iommu, IdKind kind)
    {
        const int Ids = 9;
        var of = Known.IdsOf(iommu, kind);
        return of.Count > 0 && !Dice.Chance(12) ? of[Dice.Below(of.Count)] : (ulong)Dice.Below(Ids);
    }

    /// <summary>The argsz of a struct: mostly right, else too small, larger, or nothing like it.</summary>
    public ulong ArgumentSize(int right, int room = 256) => Dice.Chance(93)
        ? (ulong)right
        : Dice.Of((ulong)right - 1, (ulong)right + 1, (ulong)right + 8, (ulong)room, 0UL, 4UL, (ulong)right / 2);

    /// <summary>A bad address now and then; 0 for a good one.</summary>
    public ulong BadAddress() => Dice.Chance(2) ? Dice.Of(0x10UL, 0x1000UL, 0xffff_8000_0000_0000UL) : 0;

    private Handle PickOf(IReadOnlyList<Handle> open, HandleKind kind, int slots) =>
        open.Count > 0 && !Dice.Chance(4) ? open[Dice.Below(open.Count)] : new Handle(kind, Dice.Below(slots));
}
