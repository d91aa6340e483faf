using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Planning;

/// <summary>The steps of an attach plan: the group alone, then each container in order, then a new one.</summary>
internal sealed class AttachPlanning
{
    private readonly AttachRequest _request;
    private readonly ReservedRegionSet _reserved;
    private readonly ValidIovaRanges _reach;
    private readonly IReadOnlyList<string> _unknowns;
    private readonly List<ContainerRejection> _rejections = [];

    public AttachPlanning(AttachRequest request)
    {
        _request = request;
        _reserved = request.Reserved.Regions;
        _reach = _reserved.CutFrom(request.Aperture ?? ValidIovaRanges.All);
        _unknowns =
        [
            .. request.Reserved.WhyUnknown is { } why ? [$"reserved regions of {request.Group}: {why}; the kernel decides"] : Array.Empty<string>(),
            .. request.Aperture is null ? [$"aperture of {request.Group}: unknown until probed"] : Array.Empty<string>(),
        ];
    }

    public AttachPlan Plan()
    {
        // KERNEL: a member with a native driver makes the claim of ownership fail with EPERM.
        if (!_request.Viability.IsViable)
        {
            return Refused(_request.Viability.Explanation, Errno.EPERM, []);
        }

        // KERNEL: a device that needs a direct mapping cannot be put behind a blocking domain: EINVAL before any backend is asked.
        if (_reserved.Forbidding.FirstOrDefault() is { } direct)
        {
            return Refused(
                $"{_request.Group} cannot be assigned: firmware needs {direct.Range} mapped 1:1 (direct) for {direct.Owner}; "
                + "switch off in the firmware's setup what uses it (legacy USB, management controller, shared graphics memory), or assign a device of another group",
                Errno.EINVAL,
                []);
        }

        foreach (var container in _request.Containers)
        {
            if (TryShare(container, out var windows))
            {
                return new AttachPlan.Share(container.Id, windows, _rejections, _unknowns);
            }
        }

        return PlanNew();
    }

    private bool TryShare(ContainerCandidate container, out ValidIovaRanges windows)
    {
        windows = container.Windows.Intersect(_reach);
        if (container.Kind != _request.Kind)
        {
            return Reject(container, $"it is of kind {container.Kind}, not {_request.Kind}");
        }

        if (container.Closed is { } closed)
        {
            return Reject(container, closed);
        }

        var conflicts = Conflict.Of(container.Mappings, _reserved, _request.Aperture, _request.Group);
        if (conflicts.Count > 0)
        {
            _rejections.Add(new(container.Id, "what is mapped there conflicts", [.. conflicts.Select(WithSectionOf)]));
            return false;
        }

        return windows.Count == 0 ? Reject(container, "no valid IOVA would be left")
            : _request.Policy.WhyFixed(container.Windows, windows) is not { } why || Reject(container, why);
    }

    private bool Reject(ContainerCandidate container, string reason)
    {
        _rejections.Add(new(container.Id, reason, []));
        return false;
    }

    private AttachPlan PlanNew()
    {
        var same = _request.Containers.Where(container => container.Kind == _request.Kind).ToList();
        if (same.Count > 0 && !_request.Policy.AllowSecondContainer)
        {
            return Refused(
                $"no container takes {_request.Group}, and a second one is not allowed ({string.Join(" | ", _rejections)})",
                Errno.EINVAL,
                [.. _rejections.SelectMany(rejection => rejection.Conflicts)]);
        }

        // The guest can use what every container of its space can map.
        var space = _request.Containers.Aggregate(ValidIovaRanges.All, (windows, container) => windows.Intersect(container.Windows));
        if ((_request.Containers.Count > 0 || _request.Policy.ToldWindows is not null) && _request.Policy.WhyFixed(space, space.Intersect(_reach)) is { } why)
        {
            return Refused($"a new container does not help {_request.Group}: {why}", Errno.EINVAL, []);
        }

        var skipped = new List<(DmaSection, Conflict)>();
        var critical = new List<Conflict>();
        foreach (var section in _request.View)
        {
            var conflicts = Conflict.Of([section], _reserved, _request.Aperture, _request.Group);
            if (conflicts.Count > 0 && section.IsSkippable)
            {
                skipped.Add((section, conflicts[0]));
            }
            else
            {
                critical.AddRange(conflicts);
            }
        }

        if (critical.Count > 0)
        {
            return Refused(string.Join("; ", critical), Errno.EINVAL, critical);
        }

        var needed = _request.View.Count - skipped.Count;
        return needed <= _request.Policy.EntriesOfNewContainer
            ? new AttachPlan.NewContainer(skipped, _reach, _rejections, _unknowns)
            : Refused(
                $"the view needs at least {needed} mappings and a container holds {_request.Policy.EntriesOfNewContainer}; "
                + "use fewer and larger memory regions, or raise vfio_iommu_type1.dma_entry_limit",
                Errno.ENOSPC,
                []);
    }

    /// <summary>A conflict of a live mapping with the name and importance of the section that it comes from.</summary>
    private Conflict WithSectionOf(Conflict conflict) =>
        _request.View.FirstOrDefault(section => section.Range.Overlaps(conflict.GuestRange)) is { } section
            ? conflict with { Region = section.Name, IsSkippable = section.IsSkippable }
            : conflict;

    private AttachPlan.Refuse Refused(string reason, Errno errno, IReadOnlyList<Conflict> conflicts) =>
        new(reason, errno, conflicts, _rejections, _unknowns);
}
