using Akka.Event;
using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Attaches one device: lease its group, find the container that takes it (each existing one in order, then a new one filled
/// with the view), have RAM discarding stopped, open the device. Only then does the ledger know of it, so a
/// <see cref="Settlement"/> undoes whatever was done before a refusal.
/// </summary>
internal sealed class AttachOperation(ISpace space, AddressSpaceProtocol.AttachDevice command) : IOperation
{
    private readonly List<ContainerCandidate> _rejected = [];
    private readonly AttachPolicy _policy = space.Ledger.Rules.Bind(command.Policy);
    private readonly RamStep _ram = new(space, command.Id);
    private readonly ReplayStep _replay = new(space, command.Id);
    private readonly ValidIovaRanges _windowsBefore = WindowsBoard.Of(space.Ledger);
    private Refusal? _deferred;
    private IommuGroup? _group;
    private HostDevice? _device;
    private int _next;
    private int? _container;
    private bool _isNew;
    private bool _wasHome;
    private bool _discardPending;
    private IReadOnlyList<SkippedSection> _skipped = [];
    private Settlement? _undo;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    private ContainerLedger Container => space.Ledger.Containers.First(container => container.Id == _container);

    private bool IsQemu => space.Settings.Mode == MappingPlanMode.Qemu;

    private int? LegacyGroup => space.Ledger.Joining.Backend is Type1Backend ? _group!.Id.Value : null;

    /// <inheritdoc/>
    public void Begin()
    {
        if (WhyAttached(space.Ledger, command.Device) is { } attached)
        {
            Finish(InQemusWords(attached, QemuWords.Twice));
            return;
        }

        space.Ledger.IsLeaseAsked = true;
        space.AskHost(new HostProtocol.LeaseGroup(Id, command.Device, space.Ledger.Name, EvenIfNotViable: IsQemu));
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_undo is not null)
        {
            _undo.Handle(message);
            return;
        }

        switch (message)
        {
            case HostProtocol.LeaseRefused refused when _group is null && refused.Id == Id:
                space.HostAnswered();
                space.Ledger.IsLeaseAsked = false;
                Finish(_deferred ?? LeaseRefused(refused));
                break;
            case GroupProtocol.Leased leased when _group is null && leased.Id == Id:
                space.HostAnswered();
                space.Ledger.IsLeaseAsked = false;
                Leased(leased);
                break;
            case DiscardAnswer { Disable: true } answer when _discardPending:
                DiscardAnswered(answer);
                break;
            case ReplayAnswer answer when _replay.IsUnderWay && answer.Id == Id:
                _replay.Answered(answer.Outcome);
                break;
            case RamPopulated populated when _ram.IsUnderWay && populated.Id == Id:
                Populated(_ram.Ended(populated.Outcome));
                break;
            case ContainerProtocol.IReply reply when reply.Container == _container:
                HandleContainer(reply);
                break;
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_undo is not null)
        {
            _undo.ContainerLost(container);
        }
        else if (container == _container)
        {
            Refuse(new Refusal(
                RefusalReason.Fault,
                $"Container {container} stopped while {command.Device} was being attached: {reason}. The attach is undone: try again."));
        }
    }

    /// <inheritdoc/>
    public void Abandon() =>
        Refuse(new Refusal(RefusalReason.Abandoned, $"The attach of {command.Device} was taken back and is undone."));

    /// <summary>The refusal of a device that is attached to the space; null for one that is not.</summary>
    internal static Refusal? WhyAttached(AddressSpaceLedger ledger, string device) =>
        ledger.Bindings.Values.Any(binding => binding.Device == device)
            ? new Refusal(RefusalReason.AlreadyAttached, $"{device} is already attached to space {ledger.Name}: detach it first.")
            : null;

    private void HandleContainer(ContainerProtocol.IReply reply)
    {
        switch (reply)
        {
            case ContainerProtocol.Admitted:
                StopDiscarding();
                break;
            case ContainerProtocol.NotAdmitted refused:
                NotAdmitted(refused);
                break;
            case ContainerProtocol.ViewApplied { Critical: { } critical }:
                Refuse(InQemusWords(critical, QemuWords.Listener(LegacyGroup, critical.Words)));
                break;
            case ContainerProtocol.ViewApplied applied:
                _skipped = [.. applied.Report.Skipped, .. space.Ledger.Untranslated];
                space.ReportSkips(_skipped);
                _replay.Begin([Container], space.Ledger.View, Replayed);
                break;
            case ContainerProtocol.DeviceOpened opened:
                Decide(opened.Container, $"{command.Device} of group {_group!.Id} is attached to space {space.Ledger.Name} in {(_isNew ? "a new container" : "container")} {opened.Container}.");
                space.Ledger.PinsRam |= !_group!.HasNoIommu;
                space.Ledger.Bindings[command.Id] = new BindingEntry(command.Device, _group!.Id.Value, opened.Container, opened.Hardware);
                space.Settings.Meters?.CountAttach(nameof(AddressSpaceProtocol.Attached));
                space.Finish(new AddressSpaceProtocol.Attached(command.Id, _group!.Id.Value, opened.Container, opened.Snapshot, opened.Hardware, _skipped), _wasHome ? WindowsCause.LateMember : WindowsCause.DeviceAttached, command.Device);
                break;
        }
    }

    private void Leased(GroupProtocol.Leased leased)
    {
        var group = leased.Group;
        (_group, _device) = (group, leased.Device);
        space.Ledger.Leases.Add(group.Id.Value);
        if (_deferred is not null)
        {
            Refuse(_deferred);
            return;
        }

        var home = space.Ledger.Containers.FirstOrDefault(container => container.Groups.Contains(group.Id.Value));
        if (home is null)
        {
            TryNext();
            return;
        }

        // A device that joined the group late may bring regions that the kernel never tests: the admission does.
        _container = home.Id;
        _wasHome = true;
        space.ToContainer(home.Id, new ContainerProtocol.Admit(group, _device, space.Ledger.View, _policy));
    }

    private void TryNext()
    {
        if (_next < space.Ledger.Containers.Count)
        {
            // QEMU: a new container goes in front of the others.
            var containers = space.Ledger.Containers;
            _container = containers[IsQemu ? containers.Count - 1 - _next : _next].Id;
            _next++;
            space.ToContainer(_container.Value, new ContainerProtocol.Admit(_group!, _device!, space.Ledger.View, _policy));
        }
        else
        {
            OpenNew(new ContainerProtocol.Open(_group!, _device!, space.Ledger.View, _policy, [.. _rejected]) { Holes = [.. space.Ledger.Rules.Regions] });
        }
    }

    /// <summary>A container that would be refused is not made at all.</summary>
    private void OpenNew(ContainerProtocol.Open open)
    {
        if (!IsQemu && ContainerWork.JudgeNew(space.Ledger.Joining.Backend, open, aperture: null) is AttachPlan.Refuse doomed)
        {
            Refuse(ContainerWork.Refused(doomed));
            return;
        }

        _isNew = true;
        _container = space.NewContainer().Id;
        space.ToContainer(_container.Value, open);
    }

    private void NotAdmitted(ContainerProtocol.NotAdmitted refused)
    {
        var groupIsHome = space.Ledger.Containers.Any(container => container.Id == _container && container.Groups.Contains(_group!.Id.Value));
        if (_isNew || groupIsHome)
        {
            Refuse(refused.Refusal);
            return;
        }

        space.Log.Info("Container {0} does not take group {1} of {2}: {3}", refused.Container, _group!.Id, command.Device, refused.Refusal.Words);
        _rejected.Add(ContainerWork.Rejected(space.Ledger.Joining.Backend.Kind, refused.Container, refused.Snapshot!, refused.Refusal.Words, refused.Refusal.Conflicts));
        TryNext();
    }

    private void StopDiscarding()
    {
        space.Ledger.DiscardDisabled ??= DiscardAnswer.AskAsync(space.Settings.Discard.DisableAsync);
        _discardPending = true;
        DiscardAnswer.PipeTo(space.Ledger.DiscardDisabled, disable: true, space.Self);
    }

    private void DiscardAnswered(DiscardAnswer said)
    {
        _discardPending = false;
        if (_deferred is not null)
        {
            Refuse(_deferred);
        }
        else if (!said.Answer.IsOk)
        {
            space.Ledger.DiscardDisabled = null;
            var refusal = new Refusal(
                RefusalReason.RamDiscard,
                $"Cannot set discarding of RAM broken: {said.Answer.Errno}. Something in the VMM relies on discarding guest RAM, such as a balloon: remove it, then attach {command.Device}.",
                said.Answer.Errno);
            Refuse(InQemusWords(refusal, QemuWords.Discard(LegacyGroup, said.Answer.Errno)));
        }
        else if (_isNew || Container.Lane == LaneState.Out)
        {
            PrepareRam();
        }
        else
        {
            _skipped = [.. Container.Skipped, .. space.Ledger.Untranslated];
            OpenUnlessTakenBack();
        }
    }

    private void PrepareRam()
    {
        if (_group!.HasNoIommu)
        {
            // KERNEL: nothing is pinned for a device that no IOMMU stands behind.
            Fill();
        }
        else if (_ram.WhyNotLocked(space.Ledger.View) is { } refusal)
        {
            Refuse(refusal);
        }
        else if (!_ram.TryBegin(space.Ledger.View))
        {
            Fill();
        }
    }

    private void Populated(Refusal? refusal)
    {
        if ((_deferred ?? refusal) is { } known)
        {
            Refuse(known);
            return;
        }

        Fill();
    }

    /// <summary>What the guest maps comes into the container now, and what it had mapped is there, but for what cannot be.</summary>
    private void Replayed()
    {
        if (_deferred is not null)
        {
            Refuse(_deferred);
        }
        else if (_replay.Refused is [var (section, words), ..])
        {
            var refusal = new Refusal(RefusalReason.GuestIommu, $"The vIOMMU does not translate {section.Name} at {section.Range} for {command.Device}: {words}");
            Refuse(InQemusWords(refusal, QemuWords.Listener(LegacyGroup, $"Region {section.Name}: {words}")));
        }
        else
        {
            _skipped = [.. _skipped, .. _replay.Failed];
            OpenUnlessTakenBack();
        }
    }

    private void Fill() => space.ToContainer(_container!.Value, new ContainerProtocol.ApplyView(space.Ledger.View, AllOrNothing: true));

    /// <summary>All that the attach changes is done, and opening the device resets it: now is the time to look.</summary>
    private void OpenUnlessTakenBack()
    {
        if (WhyNotKept() is { } words)
        {
            Refuse(new Refusal(RefusalReason.NotKept, words));
            return;
        }

        space.ToContainer(_container!.Value, new ContainerProtocol.OpenDevice(_group!.Id.Value, command.Device));
    }

    private string? WhyNotKept()
    {
        if (command.Keep is not { } keep)
        {
            return null;
        }

        var look = new AttachLook(command.Device, _group!.Id.Value, _container!.Value, _isNew, _windowsBefore, WindowsBoard.Of(space.Ledger), _skipped);
        try
        {
            return keep(look)
                ? null
                : $"The caller did not keep {command.Device}: {(_isNew ? "a new container" : "container")} {_container}, windows {look.WindowsAfter} after {look.WindowsBefore}, {_skipped.Count} sections left out. The attach is undone.";
        }
        catch (Exception fault)
        {
            return $"The caller looked at the attach of {command.Device} and failed: {fault.GetType().Name}: {fault.Message} The attach is undone.";
        }
    }

    private void Refuse(Refusal refusal)
    {
        if (_undo is not null)
        {
            return;
        }

        if (_group is null || _discardPending || _ram.IsUnderWay || _replay.IsUnderWay)
        {
            // An answer is on its way that must be known before anything can be undone.
            _deferred ??= refusal;
            _ram.Cancel();
            _replay.Cancel();
            return;
        }

        _undo = new Settlement(space, _container is { } touched ? [touched] : [], left => Finish(refusal.Leaving(left)));
        _undo.Begin();
    }

    private Refusal LeaseRefused(HostProtocol.LeaseRefused refused) =>
        refused is { Group: { } group, Refusal.Reason: RefusalReason.GroupInAnotherSpace }
            ? InQemusWords(refused.Refusal, QemuWords.InAnotherSpace(group))
            : refused.Refusal;

    /// <summary>The refusal in the words that QEMU's clients know, where QEMU is what is asked for.</summary>
    private Refusal InQemusWords(Refusal refusal, string words) => IsQemu ? refusal with { Words = words } : refusal;

    private void Finish(Refusal refused)
    {
        var refusal = InQemusWords(refused, QemuWords.Device(command.Device, refused.Words));
        Decide(container: null, $"{command.Device} is not attached to space {space.Ledger.Name}: {refusal.Words}");
        space.Settings.Meters?.CountAttach($"{refusal.Reason}");
        space.Finish(new AddressSpaceProtocol.AttachRefused(command.Id, refusal), WindowsCause.Undone, command.Device);
    }

    private void Decide(int? container, string words)
    {
        var rejections = _rejected.Select(candidate => candidate.Verdict).OfType<ContainerRejection>();
        var decision = new AttachDecision(command.Device, _group?.Id.Value, container, container is not null && _isNew, words, [.. rejections]);
        space.Ledger.Note(decision);
        space.Log.Info("{0}", decision);
    }
}
