using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Brings containers to what the ledger says: devices that it does not know are closed, their groups leave, a container with
/// nothing left closes; then leases nobody needs go back to the host, and after the last device the VMM may discard RAM again.
/// This is the undo of an attach, the second half of a detach, and what a replaced actor does first.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="containers">The containers to settle.</param>
/// <param name="done">Called once, with what could not be released.</param>
internal sealed class Settlement(ISpace space, IEnumerable<int> containers, Action<IReadOnlyList<string>> done)
{
    private const int Attempts = 3;

    private readonly Dictionary<int, int> _pending = containers.ToDictionary(id => id, _ => 0);
    private readonly Guid _question = Guid.NewGuid();
    private readonly List<string> _left = [];
    private bool _releasing;

    /// <summary>Asks every container.</summary>
    public void Begin()
    {
        foreach (var container in _pending.Keys.ToList())
        {
            Ask(container);
        }

        ReleaseWhenSettled();
    }

    /// <summary>Takes an answer; others that arrive late from what is being undone are of no interest.</summary>
    public void Handle(object message)
    {
        switch (message)
        {
            case ContainerProtocol.Reconciled settled when _pending.Remove(settled.Container):
                _left.AddRange(settled.Left);
                space.ContainerSettled(settled);
                ReleaseWhenSettled();
                break;
            case HostProtocol.GroupsKept kept when kept.Id == _question:
                space.HostAnswered();
                space.Ledger.IsLeaseAsked = false;
                space.Ledger.Leases.IntersectWith(Wanted());
                AllowDiscards();
                break;
            case DiscardAnswer { Disable: true } asked when _releasing:
                DiscardWasAsked(asked);
                break;
            case DiscardAnswer { Disable: false } allowed when _releasing:
                if (!allowed.Answer.IsOk)
                {
                    _left.Add($"The VMM was told that it may discard RAM again and answered {allowed.Answer.Errno}.");
                }

                space.Ledger.DiscardDisabled = null;
                space.Ledger.DiscardAllowed = null;
                done(_left);
                break;
        }
    }

    /// <summary>A container's actor was replaced; it is asked again, a few times.</summary>
    public void ContainerLost(int container)
    {
        if (!_pending.ContainsKey(container))
        {
            return;
        }

        if (++_pending[container] < Attempts)
        {
            Ask(container);
            return;
        }

        _pending.Remove(container);
        _left.Add($"Container {container} could not be settled: its actor stopped {Attempts} times.");
        ReleaseWhenSettled();
    }

    private void Ask(int container)
    {
        var devices = space.Ledger.DevicesOf(container);
        if (devices.Count == 0)
        {
            // It is about to close, and no hot map is to wait for that or to be refused by it.
            space.Ledger.Containers.First(candidate => candidate.Id == container).Lane = LaneState.Out;
            space.Ledger.PublishLanes();
        }

        space.ToContainer(container, new ContainerProtocol.Reconcile(devices, space.Ledger.View) { Holes = [.. space.Ledger.Rules.Regions] });
    }

    private void ReleaseWhenSettled()
    {
        if (_pending.Count > 0 || _releasing)
        {
            return;
        }

        // No container is asked any more, so a node that none has taken is nobody's.
        _releasing = true;
        var ledger = space.Ledger;
        if (ledger.Joining.Close() is { IsOk: false } closed)
        {
            space.Log.Warning("The node of a group that space {0} let join is closed; its close answered {1}.", ledger.Name, closed.Errno);
        }

        var wanted = Wanted();

        // A lease whose answer went to an actor that ended is known to the host alone.
        if (!ledger.IsLeaseAsked && ledger.Leases.IsSubsetOf(wanted))
        {
            AllowDiscards();
            return;
        }

        space.AskHost(new HostProtocol.KeepGroups(_question, wanted, ledger.Name));
    }

    private List<int> Wanted() =>
        [.. space.Ledger.Bindings.Values.Select(binding => binding.Group).Concat(space.Ledger.Containers.SelectMany(container => container.Groups)).Distinct().Order()];

    private void AllowDiscards()
    {
        if (space.Ledger.DiscardDisabled is not { } asked || space.Ledger.Bindings.Count > 0 || space.Ledger.Containers.Count > 0)
        {
            done(_left);
            return;
        }

        DiscardAnswer.PipeTo(asked, disable: true, space.Self);
    }

    private void DiscardWasAsked(DiscardAnswer asked)
    {
        if (asked.Answer.IsOk)
        {
            // Kept, so that an actor that takes over waits for this answer and does not allow a second time.
            space.Ledger.Populated = [];
            space.Ledger.PinsRam = false;
            space.Ledger.DiscardAllowed ??= DiscardAnswer.AskAsync(space.Settings.Discard.EnableAsync);
            DiscardAnswer.PipeTo(space.Ledger.DiscardAllowed, disable: false, space.Self);
            return;
        }

        space.Ledger.DiscardDisabled = null;
        done(_left);
    }
}
