using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>
/// Knows the host: scans it, passes leases to the groups, publishes what changes. A subscriber that is slow, or dead, costs
/// the others nothing.
/// </summary>
internal sealed class HostActor : ReceiveActor
{
    private readonly HostLedger _ledger;
    private readonly SysfsTopologyReader _reader;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public HostActor(HostLedger ledger, ISysfs sysfs)
    {
        _ledger = ledger;
        _reader = new SysfsTopologyReader(sysfs);

        Receive<HostProtocol.GetTopology>(_ => Sender.Tell(Snapshot()));
        Receive<HostProtocol.Rescan>(_ =>
        {
            Rescan();
            Sender.Tell(Snapshot());
        });
        Receive<HostProtocol.LeaseGroup>(lease => Lease(lease.Id, lease.Device, lease.Space, keep: true, lease.EvenIfNotViable));
        Receive<HostProtocol.GetLease>(question => Lease(question.Id, question.Device, question.Space, keep: false, evenIfNotViable: false));
        Receive<HostProtocol.KeepGroups>(Keep);
        Receive<HostProtocol.Subscribe>(Subscribe);
        Receive<HostProtocol.Unsubscribe>(leaving => Forget(leaving.Subscriber));
        Receive<HostProtocol.Seen>(Seen);
        Receive<Terminated>(ended => Forget(ended.ActorRef));
    }

    private HostTopology Topology => _ledger.Topology;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => Stopping.Strategy;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        foreach (var subscriber in _ledger.Subscribers.All)
        {
            Context.Watch(subscriber);
        }

        Rescan();
        foreach (var (subscriber, lost) in _ledger.Subscribers.Renew())
        {
            Resume(subscriber, lost);
        }
    }

    private static string GroupName(IommuGroupId group) => string.Create(CultureInfo.InvariantCulture, $"group-{group.Value}");

    private HostProtocol.TopologySnapshot Snapshot() => new(_ledger.Subscribers.Sequence, Topology);

    // sysfs is the kernel's own memory: reading it does not wait for a device, so it is read here, in the order of the mailbox.
    private void Rescan()
    {
        var before = Topology;
        var after = _reader.Read(before.Sequence + 1);
        _ledger.Topology = after;
        if (before == HostTopology.Nothing)
        {
            return;
        }

        foreach (var change in TopologyDiff.Between(before, after))
        {
            if (LateMembers.EventOf(change, after, _ledger) is { } happened)
            {
                Publish(happened);
            }
        }
    }

    /// <summary>What a device was bound to a moment ago is no ground for a refusal: its uevent may still be on the way.</summary>
    private bool IsReady(string device) =>
        Topology.TryGetDevice(device, out var known) && known.Binding == DriverBinding.Vfio && known.Group is { } group && GroupViability.Of(Topology, group).IsViable;

    private void Lease(Guid question, string device, string space, bool keep, bool evenIfNotViable)
    {
        if (!IsReady(device))
        {
            Rescan();
        }

        if (!Topology.TryGetDevice(device, out var found))
        {
            Sender.Tell(new HostProtocol.LeaseRefused(question, new Refusal(
                RefusalReason.NoSuchDevice,
                $"The host has no device {device}. Devices with an IOMMU group: {string.Join(", ", Topology.Devices.Where(other => other.Group is not null).Select(other => other.Name))}.")));
            return;
        }

        if (found.Group is not { } id || !Topology.TryGetGroup(id, out var known))
        {
            Sender.Tell(new HostProtocol.LeaseRefused(question, new Refusal(
                RefusalReason.NoGroup,
                $"{device} is in no IOMMU group, so nothing translates its DMA. Turn the IOMMU on in the firmware and on the kernel's command line.")));
            return;
        }

        if (known.HasNoIommu && !found.IsMediated)
        {
            Sender.Tell(new HostProtocol.LeaseRefused(question, new Refusal(
                RefusalReason.NoGroup,
                $"{device} is in group {id}, which VFIO made for it in no-IOMMU mode: nothing translates its DMA, and such a group never shares a container with others. Turn the IOMMU on in the firmware and on the kernel's command line.")));
            return;
        }

        var group = Context.Child(GroupName(id));
        if (group.IsNobody())
        {
            group = Context.ActorOf(Props.Create(() => new GroupActor(_ledger, id)), GroupName(id));
        }

        group.Forward(new GroupProtocol.Lease(question, found, space, keep, evenIfNotViable));
    }

    private void Keep(HostProtocol.KeepGroups keep)
    {
        foreach (var group in _ledger.GroupsOf(keep.Space).Except(keep.Groups))
        {
            _ledger.Release(group, keep.Space);
        }

        // A lease that the space asked for before may still wait at its group: this follows it.
        foreach (var group in Context.GetChildren())
        {
            group.Tell(new GroupProtocol.Keep(keep.Groups, keep.Space), Self);
        }

        Sender.Tell(new HostProtocol.GroupsKept(keep.Id));
    }

    private void Subscribe(HostProtocol.Subscribe wish)
    {
        _ledger.Subscribers.Add(wish.Subscriber, wish.Credit);
        Context.Watch(wish.Subscriber);
        wish.Subscriber.Tell(Snapshot(), Self);
    }

    private void Seen(HostProtocol.Seen seen)
    {
        if (_ledger.Subscribers.Acknowledge(seen.Subscriber, seen.Sequence) is > 0 and var lost)
        {
            Resume(seen.Subscriber, lost);
        }
    }

    private void Resume(IActorRef subscriber, long lost)
    {
        subscriber.Tell(new HostProtocol.Lagged(_ledger.Subscribers.Sequence, lost), Self);
        subscriber.Tell(Snapshot(), Self);
    }

    private void Forget(IActorRef subscriber)
    {
        if (_ledger.Subscribers.Remove(subscriber))
        {
            Context.Unwatch(subscriber);
        }
    }

    private void Publish(HostProtocol.GroupChanged happened)
    {
        var numbered = happened with { Sequence = _ledger.Subscribers.TakeNumber() };
        if (numbered.State is LateMemberState.HeldUnused)
        {
            _log.Warning("{0} turned up in group {1}, which space {2} uses: it is held unused until it is attached.", numbered.Device, numbered.Group, numbered.Space);
        }
        else if (numbered.State is LateMemberState.BreaksIsolation)
        {
            _log.Error("{0} of group {1} is bound to {2} while space {3} uses the group: the group is not viable any more.", numbered.Device, numbered.Group, numbered.Driver, numbered.Space);
        }

        _ledger.Subscribers.Publish(numbered, Self);
    }
}
