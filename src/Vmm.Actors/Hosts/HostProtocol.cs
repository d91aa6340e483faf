using Akka.Actor;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>Messages of the host's actor.</summary>
public static class HostProtocol
{
    /// <summary>Something that happened to the host while groups of it are in use.</summary>
    public interface IHostEvent : IWatchEvent;

    /// <summary>What the host looks like. Answered by <see cref="TopologySnapshot"/>.</summary>
    public sealed record GetTopology;

    /// <summary>Scan again; every change is published. Answered by <see cref="TopologySnapshot"/>.</summary>
    public sealed record Rescan;

    /// <summary>The host, as of an event.</summary>
    /// <param name="Sequence">Number of the last event it includes.</param>
    /// <param name="Topology">The host.</param>
    public sealed record TopologySnapshot(long Sequence, HostTopology Topology) : IHostEvent;

    /// <summary>Lease the group of a device for a space. Answered by <see cref="GroupProtocol.Leased"/> or <see cref="LeaseRefused"/>.</summary>
    /// <param name="Id">The question; its answer carries it.</param>
    /// <param name="Device">The device's name.</param>
    /// <param name="Space">The space that wants it.</param>
    /// <param name="EvenIfNotViable">QEMU: true to leave it to the kernel whether other members' drivers allow it.</param>
    public sealed record LeaseGroup(Guid Id, string Device, string Space, bool EvenIfNotViable = false);

    /// <summary>The same question without taking the lease. Answered alike.</summary>
    /// <param name="Id">The question; its answer carries it.</param>
    /// <param name="Device">The device's name.</param>
    /// <param name="Space">The space that wants to know.</param>
    public sealed record GetLease(Guid Id, string Device, string Space);

    /// <summary>The group is not to be had.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Refusal">Which rule, and the words.</param>
    /// <param name="Group">The group; null where the device has none.</param>
    public sealed record LeaseRefused(Guid Id, Refusal Refusal, int? Group = null);

    /// <summary>The space keeps these groups; any other that it leased, or asked for, is free. Answered by <see cref="GroupsKept"/>.</summary>
    /// <param name="Id">The question.</param>
    /// <param name="Groups">The groups that it holds.</param>
    /// <param name="Space">The space.</param>
    public sealed record KeepGroups(Guid Id, IReadOnlyCollection<int> Groups, string Space);

    /// <summary>The other groups are free.</summary>
    /// <param name="Id">The question.</param>
    public sealed record GroupsKept(Guid Id);

    /// <summary>Events to <paramref name="Subscriber"/>, beginning with a <see cref="TopologySnapshot"/>.</summary>
    /// <param name="Subscriber">Who listens; watched, and forgotten when it ends.</param>
    /// <param name="Credit">Events it may have unseen; beyond them it gets one <see cref="Lagged"/> at its next <see cref="Seen"/>.</param>
    public sealed record Subscribe(IActorRef Subscriber, int Credit);

    /// <summary>No more events to <paramref name="Subscriber"/>.</summary>
    /// <param name="Subscriber">Who listened.</param>
    public sealed record Unsubscribe(IActorRef Subscriber);

    /// <summary>The subscriber has dealt with events up to a number.</summary>
    /// <param name="Subscriber">Who listens.</param>
    /// <param name="Sequence">The last event dealt with.</param>
    public sealed record Seen(IActorRef Subscriber, long Sequence);

    /// <summary>Events were not kept for a subscriber that fell behind; a <see cref="TopologySnapshot"/> follows.</summary>
    /// <param name="Sequence">Number of the newest event.</param>
    /// <param name="Lost">How many were lost.</param>
    public sealed record Lagged(long Sequence, long Lost) : IHostEvent;

    /// <summary>A group changed.</summary>
    /// <param name="Sequence">Number of the event.</param>
    /// <param name="Group">The group.</param>
    /// <param name="Change">What happened.</param>
    /// <param name="Device">The device it happened to; empty when to the group as a whole.</param>
    /// <param name="Driver">The device's driver now, or null.</param>
    /// <param name="Space">The space that uses the group, or null.</param>
    /// <param name="State">What became of the device: see <see cref="LateMemberState"/>.</param>
    /// <param name="NewRegions">Reserved regions that came with the change.</param>
    public sealed record GroupChanged(
        long Sequence,
        int Group,
        GroupChange Change,
        string Device,
        string? Driver,
        string? Space,
        LateMemberState State,
        IReadOnlyList<ReservedRegion> NewRegions) : IHostEvent;
}
