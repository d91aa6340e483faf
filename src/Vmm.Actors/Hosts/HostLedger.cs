using Akka.Actor;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Hosts;

/// <summary>What the host's actors know and promised; outlives them.</summary>
internal sealed class HostLedger
{
    /// <summary>The host as last scanned.</summary>
    public HostTopology Topology { get; set; } = HostTopology.Nothing;

    /// <summary>Number of the newest event.</summary>
    public long Sequence { get; set; }

    /// <summary>The space that each group in use is leased to.</summary>
    public Dictionary<int, string> Leases { get; } = [];

    /// <summary>Who listens, and how far each is behind.</summary>
    public Dictionary<IActorRef, Subscription> Subscribers { get; } = [];

    /// <summary>Devices that turned up in a group while it was leased, and are held unused.</summary>
    public HashSet<string> HeldUnused { get; } = [];
}
