using Akka.Actor;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>Leases one IOMMU group to one address space. The lease and the topology are in the ledger.</summary>
internal sealed class GroupActor : ReceiveActor
{
    private readonly HostLedger _ledger;
    private readonly IommuGroupId _id;

    public GroupActor(HostLedger ledger, IommuGroupId id)
    {
        _ledger = ledger;
        _id = id;
        Receive<GroupProtocol.Lease>(lease => Sender.Tell(Answer(lease)));
        Receive<GroupProtocol.Keep>(keep =>
        {
            if (!keep.Groups.Contains(_id.Value))
            {
                _ledger.Release(_id.Value, keep.Space);
            }
        });
    }

    private object Answer(GroupProtocol.Lease lease)
    {
        if (_ledger.HolderOf(_id.Value) is { } holder && holder != lease.Space)
        {
            return new HostProtocol.LeaseRefused(lease.Id, new Refusal(
                RefusalReason.GroupInAnotherSpace,
                $"group {_id} used in multiple address spaces: {lease.Device.Name} is wanted by {lease.Space}, and {holder} has the group. Detach it there, or put the group's devices behind one conventional bridge in the guest, so that they share a space."), _id.Value);
        }

        if (!_ledger.Topology.TryGetGroup(_id, out var group))
        {
            return new HostProtocol.LeaseRefused(lease.Id, new Refusal(RefusalReason.NoGroup, $"Group {_id} of {lease.Device.Name} has left the host."));
        }

        var viability = GroupViability.Of(_ledger.Topology, _id);
        if (!viability.IsViable && !lease.EvenIfNotViable)
        {
            return new HostProtocol.LeaseRefused(lease.Id, new Refusal(RefusalReason.GroupNotViable, viability.Explanation), _id.Value);
        }

        if (group.WhyUnprotected(lease.Device) is { } unprotected)
        {
            return new HostProtocol.LeaseRefused(lease.Id, new Refusal(RefusalReason.NoGroup, unprotected));
        }

        if (lease.Keep)
        {
            _ledger.Lease(_id.Value, lease.Space, lease.Device.Name);
        }

        return new GroupProtocol.Leased(lease.Id, lease.Device, group);
    }
}
