using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Planning;

/// <summary>
/// An address space that exists on paper: a host, a view, and the devices that would be in it. Every decision is
/// <see cref="AttachPlan"/>'s, as for an attach. Opens nothing. Not thread-safe.
/// </summary>
public sealed class PlannedSpace
{
    // One kind of container is planned so far; a device of another kind is refused by name.
    private const string Kind = "type1";

    private readonly List<PlannedContainer> _containers = [];
    private readonly HostTopology _topology;
    private readonly FlatView _view;
    private readonly IReadOnlyList<DmaSection> _sections;
    private readonly IReadOnlyList<DmaSection> _carved;
    private readonly AttachPolicy _policy;
    private readonly ReservedRegionSet _holes;

    /// <summary>A space without containers.</summary>
    /// <param name="topology">The host.</param>
    /// <param name="view">What the guest's address space shows; the blocks behind it are leased, never touched.</param>
    /// <param name="filter">Which sections devices see.</param>
    /// <param name="policy">What an attach may do.</param>
    /// <param name="holes">Holes that the user asked for: RAM is carved around them.</param>
    public PlannedSpace(
        HostTopology topology, FlatView view, SectionFilter filter, AttachPolicy policy, IReadOnlyCollection<IovaRange> holes)
    {
        ArgumentNullException.ThrowIfNull(filter);
        (_topology, _view, _policy) = (topology, view, policy);
        _holes = new(holes.Select(ReservedRegion.AskedFor));
        _sections = filter.Filter(view);
        _carved = CarvedSections.Of(_sections, _holes, PageSizes.FourKiB).Sections;
    }

    /// <summary>The containers, oldest first.</summary>
    public IReadOnlyList<PlannedContainer> Containers => _containers;

    /// <summary>What is asked of <see cref="AttachPlan"/> for a device.</summary>
    /// <param name="device">A device with a group that the host lists.</param>
    /// <param name="asBound">True to plan as though its whole group were bound to VFIO.</param>
    /// <param name="probe">What the kernel said of its group; null where it was not asked.</param>
    /// <exception cref="ArgumentException">The device has no group.</exception>
    public AttachRequest RequestFor(HostDevice device, bool asBound = false, ContainerProbe? probe = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Group is not { } id || !_topology.TryGetGroup(id, out var group))
        {
            throw new ArgumentException($"{device.Name} is in no IOMMU group of the host.", nameof(device));
        }

        return new AttachRequest
        {
            Viability = asBound ? new GroupViability(id, []) : GroupViability.Of(_topology, id),
            Reserved = group.Reserved with { Regions = group.Reserved.Regions.Union(_holes) },
            Aperture = device.IsMediated ? ValidIovaRanges.All : probe?.Aperture(group.Reserved.Regions),
            IsMediated = device.IsMediated,
            WhyUnprotected = group.WhyUnprotected(device),
            Kind = Kind,
            Containers = [.. _containers.Select(container => container.ToCandidate(Kind))],
            Home = _containers.FirstOrDefault(container => container.Groups.Contains(id))?.Name,
            View = _carved,
            Pages = probe?.Info?.PageSizes,
            Policy = _policy with { EntriesOfNewContainer = probe?.Info?.EntriesLeft ?? _policy.EntriesOfNewContainer },
            Conditions = asBound ? [] : BindFirst.Of(device),
        };
    }

    /// <summary>Puts a device in as a plan says. Conditions count as met; a refusal changes nothing.</summary>
    /// <param name="device">The device.</param>
    /// <param name="request">What the plan was made from.</param>
    /// <param name="plan">The plan.</param>
    /// <returns>The container that the device is in; null for a refusal.</returns>
    public PlannedContainer? Attach(HostDevice device, AttachRequest request, AttachPlan plan)
    {
        ArgumentNullException.ThrowIfNull(request);
        switch (plan)
        {
            case AttachPlan.Share share:
                var shared = _containers.First(container => container.Name == share.Container);
                shared.Add(device, share.WindowsAfter);
                return shared;
            case AttachPlan.NewContainer fresh:
                var added = new PlannedContainer($"container {_containers.Count + 1}", request.Policy.EntriesOfNewContainer, device.IsMediated);
                added.Add(device, fresh.WindowsAfter);
                added.Map([.. request.View.Except(fresh.Skipped.Select(skip => skip.Section))], request.Pages ?? PageSizes.FourKiB);
                _containers.Add(added);
                return added;
            default:
                return null;
        }
    }

    /// <summary>What the plan for a device rests on and costs.</summary>
    /// <param name="request">What the plan was made from.</param>
    public PlanDetail Detail(AttachRequest request) => PlanDetail.Of(_view, _sections, request);
}
