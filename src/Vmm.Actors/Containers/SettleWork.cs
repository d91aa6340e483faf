using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Actors.Containers;

/// <summary>
/// A container on its way to what is wanted of it: mappings to the view, in slices like any view; then devices that are not
/// wanted close and members without a device leave; a container that nobody wants closes. Mappings go before devices, since a
/// mapped BAR keeps its device open. Touched in the ring's turn, or between turns by the one who waits.
/// </summary>
internal sealed class SettleWork
{
    private static readonly IReadOnlySet<string> NoDevices = new HashSet<string>();

    private readonly ContainerContents _contents;
    private readonly IReadOnlySet<string> _wanted;
    private readonly List<string> _left = [];
    private readonly List<string> _holes = [];
    private readonly List<string> _notes = [];

    private SettleWork(ContainerContents contents, IReadOnlySet<string> wanted, ViewWork? view)
    {
        _contents = contents;
        _wanted = wanted;
        View = view;
    }

    /// <summary>The view on its way, with its removals done; null where the container is to close.</summary>
    public ViewWork? View { get; }

    /// <summary>Does the removals of the view.</summary>
    public static SettleWork Begin(ContainerTurn turn, ContainerContents contents, ContainerProtocol.Reconcile wanted)
    {
        if (!contents.Devices.Keys.Any(wanted.Devices.Contains))
        {
            return new SettleWork(contents, NoDevices, view: null);
        }

        var refused = turn.UserHoles.SequenceEqual(wanted.Holes) ? null : ContainerWork.SetHoles(turn, wanted.Holes);
        var work = new SettleWork(contents, wanted.Devices, ViewWork.Remove(turn, contents, wanted.View));
        if (refused is not null)
        {
            work._left.Add(refused.Words);
        }

        return work;
    }

    /// <summary>Releases everything.</summary>
    public static ContainerSettled Release(ContainerTurn turn, ContainerContents contents) =>
        new SettleWork(contents, NoDevices, view: null).Finish(turn);

    /// <summary>What follows when the view is mapped.</summary>
    public ContainerSettled Finish(ContainerTurn turn) => View is null ? Close(turn) : Shrink(turn, View);

    private ContainerSettled Shrink(ContainerTurn turn, ViewWork view)
    {
        _left.AddRange(view.Stuck);
        _holes.AddRange(view.Report().Holes.Except(view.Stuck));
        CloseDevices();
        foreach (var member in _contents.Members.Where(member => _contents.Devices.Values.All(device => device.Member != member)).ToList())
        {
            var evicted = turn.Evict(member);
            if (!evicted.IsDone)
            {
                _left.Add(evicted.Words);
                continue;
            }

            if (evicted.Words.Length > 0)
            {
                _holes.Add($"{member} has left ({evicted.Errno}): {evicted.Words}");
            }

            CloseMember(member);
        }

        return Settled(isClosed: false);
    }

    private ContainerSettled Close(ContainerTurn turn)
    {
        var isQemu = _contents.Mode == MappingPlanMode.Qemu;
        if (isQemu)
        {
            // QEMU: section by section, those too that could not be mapped.
            ViewWork.Remove(turn, _contents, FlatView.Empty);
        }

        // Should it not close, a later view begins from what is mapped then.
        _contents.TakeStep(FlatView.Empty);
        turn.SetHotWindows(new ValidIovaRanges([]));
        turn.UnmapWithin(IovaRange.All);
        CloseDevices();
        if (_contents.Devices.Values.Any(device => device.Member.KeepsDevice))
        {
            // KERNEL: it would be bound still with its descriptor closed. A legacy group says so itself, by EBUSY.
            return Settled(isClosed: false);
        }

        var closed = isQemu && !_contents.IsFilled ? turn.CloseWithoutDetach() : turn.Close();
        if (closed.Words.Length > 0)
        {
            (closed.IsClosed ? _notes : _left).Add(closed.Words);
        }
        else if (!closed.Errno.IsNone)
        {
            _notes.Add($"close of the container answered {closed.Errno}.");
        }

        foreach (var member in _contents.Members.Except(closed.MembersLeft).ToList())
        {
            CloseMember(member);
        }

        return Settled(closed.IsClosed && _contents.Members.Count == 0);
    }

    private ContainerSettled Settled(bool isClosed) => new(_contents.Groups, isClosed, _left)
    {
        Holes = _holes,
        Notes = _notes,
        Skipped = View?.Skipped.ToList() ?? [],
        Pending = View?.Pending.ToList() ?? [],
    };

    private void CloseDevices()
    {
        foreach (var (name, (hardware, _)) in _contents.Devices.Where(device => !_wanted.Contains(device.Key)).ToList())
        {
            var released = hardware.Release();
            if (!released.IsReleased)
            {
                _left.Add($"{name}: held by {string.Join(", ", released.Holders)}.");
                continue;
            }

            _contents.Devices.Remove(name);
            Note(name, released.Errno);
        }
    }

    private void CloseMember(IContainerMember member) => Note(member.Name, _contents.Close(member).Errno);

    /// <summary>KERNEL: close gives the descriptor up before it reports, so its errno is told and keeps nothing.</summary>
    private void Note(string what, Errno errno)
    {
        if (!errno.IsNone)
        {
            _notes.Add($"{what}: its close answered {errno}.");
        }
    }
}
