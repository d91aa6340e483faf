using Vmm.Actors.Containers;
using Vmm.Actors.Hosts;
using Vmm.Iommu.Mappings;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.AddressSpaces;

/// <summary>Asks what an attach would do: the host for the group, every container for its verdict. Changes nothing.</summary>
internal sealed class PlanOperation(ISpace space, AddressSpaceProtocol.PlanAttach command) : IOperation
{
    private readonly Queue<int> _waiting = new(space.Ledger.Containers.Select(container => container.Id));
    private readonly List<ContainerRejection> _rejections = [];
    private readonly List<ContainerCandidate> _candidates = [];
    private IommuGroup? _group;

    /// <inheritdoc/>
    public Guid Id => command.Id;

    /// <inheritdoc/>
    public void Begin() => space.AskHost(new HostProtocol.GetLease(Id, command.Device, space.Ledger.Name));

    /// <inheritdoc/>
    public void Handle(object message)
    {
        switch (message)
        {
            case HostProtocol.LeaseRefused refused when _group is null && refused.Id == Id:
                space.HostAnswered();
                space.Finish(new AddressSpaceProtocol.AttachPlanned(command.Id, Plan: null, refused.Refusal));
                break;
            case GroupProtocol.Leased leased when _group is null && leased.Id == Id:
                space.HostAnswered();
                _group = leased.Group;
                Next();
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
        if (_group is not null && _waiting.TryPeek(out var asked) && asked == container)
        {
            Next();
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // A question changes nothing; its answer goes to whoever is left to read it.
    }

    private void Next()
    {
        if (_waiting.TryPeek(out var container))
        {
            space.ToContainer(container, new ContainerProtocol.Judge(_group!, space.Ledger.View, command.Policy));
            return;
        }

        Finish(ContainerWork.JudgeNew(new ContainerProtocol.Open(_group!, space.Ledger.View, command.Policy, _candidates), aperture: null));
    }

    private void Judged(ContainerProtocol.Judged judged)
    {
        if (judged.Plan is AttachPlan.Share)
        {
            Finish(judged.Plan);
            return;
        }

        _rejections.AddRange(judged.Plan.Rejections);
        _candidates.Add(ContainerWork.Candidate(judged.Container, judged.Snapshot, new MappingTable(), "it refuses the group"));
        Next();
    }

    private void Finish(AttachPlan plan) =>
        space.Finish(new AddressSpaceProtocol.AttachPlanned(command.Id, plan with { Rejections = _rejections }, Refusal: null));
}
