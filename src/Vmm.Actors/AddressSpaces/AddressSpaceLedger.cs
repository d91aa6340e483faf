using Vmm.Actors.Containers;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.HotPath;
using Vmm.Iommu.Results;

namespace Vmm.Actors.AddressSpaces;

/// <summary>
/// What a space is meant to hold; outlives its actor. An operation enters a thing here when it is done, so bringing every
/// container to what stands here undoes an operation that stopped half-way.
/// </summary>
/// <param name="name">The space's name.</param>
/// <param name="backend">How its devices and containers are opened.</param>
/// <param name="systemMemory">What targets of its vIOMMU's maps are looked up in; one for a VM.</param>
/// <param name="guestIommu">The vIOMMU that translates it; null for none.</param>
internal sealed class AddressSpaceLedger(string name, IContainerBackend backend, SystemMemory systemMemory, IGuestIommu? guestIommu)
{
    private const int DecisionsKept = 64;

    private WindowsBoard? _windows;

    /// <summary>The space's name.</summary>
    public string Name { get; } = name;

    /// <summary>What targets of the vIOMMU's maps are looked up in.</summary>
    public SystemMemory SystemMemory { get; } = systemMemory;

    /// <summary>The vIOMMU; null for none.</summary>
    public IGuestIommu? GuestIommu { get; } = guestIommu;

    /// <summary>Where the vIOMMU's maps go.</summary>
    public DmaMapper Mapper { get; } = new(systemMemory);

    /// <summary>The vIOMMU's latest replay; null where there was none.</summary>
    public Task<ReplayOutcome>? Replay { get; set; }

    /// <summary>Sections of the view that a vIOMMU would have to translate and none does: they are not in <see cref="View"/>.</summary>
    public IReadOnlyList<SkippedSection> Untranslated { get; set; } = [];

    /// <summary>The view that is to be mapped.</summary>
    public FlatView View { get; set; } = FlatView.Empty;

    /// <summary>Number of the view.</summary>
    public long Generation { get; set; }

    /// <summary>What holds whoever attaches.</summary>
    public SpaceRules Rules { get; set; } = SpaceRules.None;

    /// <summary>The valid IOVAs as watchers know them.</summary>
    public WindowsBoard Windows => _windows ??= new(Mapper);

    /// <summary>The containers, oldest first.</summary>
    public List<ContainerLedger> Containers { get; } = [];

    /// <summary>What an attach under way has opened and no container has taken.</summary>
    public JoiningMember Joining { get; } = new(backend);

    /// <summary>The attached devices, by the id of their attach.</summary>
    public Dictionary<Guid, BindingEntry> Bindings { get; } = [];

    /// <summary>Devices whose detach the kernel has not let end; a further detach goes on with it.</summary>
    public Dictionary<Guid, BindingEntry> HalfDetached { get; } = [];

    /// <summary>The preparation that waits for its commit; null when none does.</summary>
    public Guid? Prepared { get; set; }

    /// <summary>Groups that the host leased to the space.</summary>
    public HashSet<int> Leases { get; } = [];

    /// <summary>What the VMM answers to being asked not to discard RAM; null while it has not been asked.</summary>
    public Task<SysResult>? DiscardDisabled { get; set; }

    /// <summary>What the VMM answers to being told that it may discard RAM again; null while it has not been told.</summary>
    public Task<SysResult>? DiscardAllowed { get; set; }

    /// <summary>True when mapping pins: a device with an IOMMU has been attached, and not all devices have left since.</summary>
    public bool PinsRam { get; set; }

    /// <summary>RAM that is known to have its pages: as long as nobody discards it.</summary>
    public IReadOnlyList<RamPiece> Populated { get; set; } = [];

    /// <summary>True while the host has been asked for a lease and its answer is not known.</summary>
    public bool IsLeaseAsked { get; set; }

    /// <summary>The command under way; null when none is.</summary>
    public Guid? Begun { get; set; }

    /// <summary>How the latest attaches were decided, oldest first.</summary>
    public IReadOnlyList<AttachDecision> Decisions { get; private set; } = [];

    /// <summary>Names of memory regions that were reported as left out.</summary>
    public HashSet<string> ReportedSkips { get; } = [];

    /// <summary>What could not be released after a fault, in words; null when all is well.</summary>
    public string? Degraded { get; set; }

    /// <summary>Keeps a decision; of old ones, those of the last attaches.</summary>
    public void Note(AttachDecision decision) => Decisions = [.. Decisions.TakeLast(DecisionsKept - 1), decision];

    /// <summary>Has the mapper map in those containers, and no others, that are lanes now.</summary>
    public void PublishLanes()
    {
        var lanes = Containers
            .Where(container => container is { Ring: not null, Lane: not LaneState.Out })
            .Select(container => new DmaLane(container.Ring!, container.Lane == LaneState.Filling))
            .ToList();

        // The same lanes published again would make stale what callers have seen.
        if (!lanes.SequenceEqual(Mapper.Lanes))
        {
            Mapper.PublishLanes(lanes);
        }
    }

    /// <summary>Containers in which devices are to stay open.</summary>
    public IReadOnlyList<ContainerLedger> ContainersInUse => [.. Containers.Where(container => DevicesOf(container.Id).Count > 0)];

    /// <summary>Devices that are to stay open in a container.</summary>
    public IReadOnlySet<string> DevicesOf(int container) =>
        Bindings.Values.Where(binding => binding.Container == container).Select(binding => binding.Device).ToHashSet();
}
