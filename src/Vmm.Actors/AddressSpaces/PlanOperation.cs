using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// Asks what an attach would do: the host for the group, every container for its verdict, and the kernel where the policy says
/// so. Changes nothing; while the kernel is asked the group is leased, so that no other space opens it.
/// </summary>
internal sealed class PlanOperation(ISpace space, AddressSpaceProtocol.PlanAttach command) : IOperation
{
    private readonly Queue<int> _waiting = [];
    private readonly List<ContainerCandidate> _candidates = [];
    private readonly AttachPolicy _policy = space.Ledger.Rules.Bind(command.Policy);
    private IommuGroup? _group;
    private HostDevice? _device;
    private ContainerProbe? _probe;
    private Settlement? _release;
    private bool _isAbandoned;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    private ValidIovaRanges? Aperture => _probe?.Aperture(_group!.Reserved.Regions);

    /// <inheritdoc/>
    public void Begin()
    {
        if (AttachOperation.WhyAttached(space.Ledger, command.Device) is { } attached)
        {
            Answer(plan: null, attached);
            return;
        }

        space.Ledger.IsLeaseAsked |= command.Policy.Probe;
        space.AskHost(command.Policy.Probe
            ? new HostProtocol.LeaseGroup(Id, command.Device, space.Ledger.Name)
            : new HostProtocol.GetLease(Id, command.Device, space.Ledger.Name));
    }

    /// <inheritdoc/>
    public void Handle(object message)
    {
        if (_release is not null)
        {
            _release.Handle(message);
            return;
        }

        switch (message)
        {
            case HostProtocol.LeaseRefused refused when _group is null && refused.Id == Id:
                HostAnswered();
                Answer(plan: null, refused.Refusal);
                break;
            case GroupProtocol.Leased leased when _group is null && leased.Id == Id:
                HostAnswered();
                Leased(leased);
                break;
            case ContainerProtocol.Judged judged when _waiting.TryPeek(out var asked) && asked == judged.Container:
                _waiting.Dequeue();
                Judged(judged);
                break;
        }
    }

    /// <inheritdoc/>
    public void ContainerLost(int container, string reason)
    {
        if (_release is not null)
        {
            _release.ContainerLost(container);
        }
        else if (_group is not null && _waiting.TryPeek(out var asked) && asked == container)
        {
            Next();
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // A question changes nothing; its answer goes to whoever is left to read it.
        _isAbandoned = true;
    }

    private void HostAnswered()
    {
        space.HostAnswered();
        space.Ledger.IsLeaseAsked = false;
    }

    private void Leased(GroupProtocol.Leased leased)
    {
        (_group, _device) = (leased.Group, leased.Device);
        var home = space.Ledger.Containers.FirstOrDefault(container => container.Groups.Contains(_group.Id.Value));
        foreach (var container in home is null ? space.Ledger.Containers : [home])
        {
            _waiting.Enqueue(container.Id);
        }

        if (!command.Policy.Probe)
        {
            Next();
            return;
        }

        space.Ledger.Leases.Add(_group.Id.Value);

        // A group in use has a container that knows, and nobody can open it a second time.
        _probe = home is null && !_group.HasNoIommu && !_isAbandoned ? space.Ledger.Joining.Backend.Probe(_group, leased.Device) : null;
        _release = new Settlement(space, [], _ =>
        {
            _release = null;
            Next();
        });
        _release.Begin();
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var container))
        {
            space.ToContainer(container, new ContainerProtocol.Judge(_group!, space.Ledger.View, Policy(), Aperture));
            return;
        }

        var open = new ContainerProtocol.Open(_group!, _device!, space.Ledger.View, Policy(), _candidates) { Holes = [.. space.Ledger.Rules.Regions] };
        Finish(ContainerWork.JudgeNew(space.Ledger.Joining.Backend, open, Aperture));
    }

    private AttachPolicy Policy() => _policy with
    {
        EntriesOfNewContainer = _probe?.Info?.EntriesLeft ?? _policy.EntriesOfNewContainer,
    };

    private void Judged(ContainerProtocol.Judged judged)
    {
        var isHome = space.Ledger.Containers.Any(container => container.Id == judged.Container && container.Groups.Contains(_group!.Id.Value));
        if (judged.Plan is not AttachPlan.Refuse refused || isHome)
        {
            Finish(judged.Plan);
            return;
        }

        _candidates.Add(ContainerWork.Rejected(space.Ledger.Joining.Backend.Kind, judged.Container, judged.Snapshot, refused.Reason, refused.Conflicts));
        Next();
    }

    private void Finish(AttachPlan plan)
    {
        var known = _probe?.Refusal is { } failed
            ? plan with { Unknowns = [.. plan.Unknowns, $"the probe of group {_group!.Id}: {failed}"] }
            : plan;
        Answer(known with { Conditions = BindFirst.Of(_device!) }, refusal: null);
    }

    private void Answer(AttachPlan? plan, Refusal? refusal) =>
        space.Finish(new AddressSpaceProtocol.AttachPlanned(command.Id, plan, refusal));
}
