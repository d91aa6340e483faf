using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Planning;

/// <summary>The steps of an attach plan: the group alone, then each container in order, then a new one.</summary>
internal sealed class AttachPlanning
{
    private readonly AttachRequest _request;
    private readonly ReservedRegionSet _reserved;
    private readonly ValidIovaRanges? _aperture;
    private readonly ValidIovaRanges _reach;
    private readonly List<string> _unknowns = [];
    private readonly List<ContainerRejection> _rejections = [];

    public AttachPlanning(AttachRequest request)
    {
        _request = request;
        _reserved = request.Reserved.Regions;
        _aperture = request.Aperture ?? (request.IsMediated ? ValidIovaRanges.All : null);
        _reach = _reserved.CutFrom(_aperture ?? ValidIovaRanges.All);
        if (request.Reserved.WhyUnknown is { } why)
        {
            _unknowns.Add($"reserved regions of {request.Group}: {why}; the kernel decides");
        }

        if (_aperture is null)
        {
            _unknowns.Add($"aperture of {request.Group}: unknown until probed");
        }
    }

    public AttachPlan Plan() => (WhyNotAtAll() ?? TryContainers() ?? PlanNew()) with { Conditions = _request.Conditions };

    /// <summary>What rules the group out whatever container it would come to, together with the conflicts that would remain.</summary>
    private AttachPlan.Refuse? WhyNotAtAll()
    {
        var reasons = new List<(AttachRefusalCause Cause, Errno Errno, string Words)>();

        // KERNEL: a member with a native driver makes the claim of ownership fail with EPERM.
        if (!_request.Viability.IsViable)
        {
            reasons.Add((AttachRefusalCause.NotViable, Errno.EPERM, _request.Viability.Explanation));
        }

        if (_request.WhyUnprotected is { } unprotected)
        {
            reasons.Add((AttachRefusalCause.NoIommu, Errno.EINVAL, unprotected));
        }

        // KERNEL: a device that needs a direct mapping cannot be put behind a blocking domain: EINVAL before any backend is asked.
        reasons.AddRange(_reserved.Forbidding.Select(direct => (AttachRefusalCause.DirectRegion, Errno.EINVAL,
            $"{_request.Group} cannot be assigned: firmware needs {direct.Range} mapped 1:1 (direct) for {direct.Owner}; "
            + "switch off in the firmware's setup what uses it (legacy USB, management controller, shared graphics memory), or assign a device of another group")));
        return reasons.Count == 0
            ? null
            : Refused(reasons[0].Cause, reasons[0].Errno, [.. reasons.Select(reason => reason.Words)], [.. Conflicts().Where(conflict => !conflict.IsSkippable)]);
    }

    private AttachPlan? TryContainers()
    {
        foreach (var container in _request.Containers)
        {
            if ((_request.Home is null || _request.Home == container.Id) && TryShare(container, out var windows))
            {
                if (container.HasOnlyMediated && !_request.IsMediated)
                {
                    _unknowns.Add($"{container.Id} holds mediated devices alone, so nothing has tested what is mapped there: the kernel pins and maps it when {_request.Group} joins");
                }

                return new AttachPlan.Share(container.Id, windows, _rejections, _unknowns);
            }
        }

        return _request.Home is null || _rejections is not [var rejection]
            ? null
            : Refused(rejection.IsByPolicy ? AttachRefusalCause.Policy : AttachRefusalCause.Conflict, Errno.EINVAL, rejection.Conflicts.Count > 0 ? [] : [rejection.Reason], rejection.Conflicts);
    }

    private bool TryShare(ContainerCandidate container, out ValidIovaRanges windows)
    {
        windows = container.Windows.Intersect(_reach);
        if (container.Verdict is { } verdict)
        {
            _rejections.Add(verdict);
            return false;
        }

        if (container.Kind != _request.Kind)
        {
            return Reject(container, $"it is of kind {container.Kind}, not {_request.Kind}");
        }

        if (container.Closed is { } closed)
        {
            return Reject(container, closed);
        }

        var conflicts = Conflict.Of(container.Mappings, _request.View, _reserved, _aperture, _request.Group);
        if (conflicts.Count > 0)
        {
            var untested = container.HasOnlyMediated ? ", which was mapped for mediated devices alone and tested by nothing," : "";
            _rejections.Add(new(container.Id, $"what is mapped there{untested} conflicts", conflicts));
            return false;
        }

        return windows.Count == 0 ? Reject(container, "no valid IOVA would be left")
            : _request.Policy.WhyFixed(container.Windows, windows) is not { } why || Reject(container, why, isByPolicy: true);
    }

    private bool Reject(ContainerCandidate container, string reason, bool isByPolicy = false)
    {
        _rejections.Add(new(container.Id, reason, []) { IsByPolicy = isByPolicy });
        return false;
    }

    private AttachPlan PlanNew()
    {
        if (_request.Containers.Any(container => container.Kind == _request.Kind) && !_request.Policy.AllowsSecond(_request.Kind))
        {
            return Refused(
                AttachRefusalCause.Policy,
                Errno.EINVAL,
                [$"no container takes {_request.Group}, and a second one is not allowed ({string.Join(" | ", _rejections)})"],
                [.. _rejections.SelectMany(rejection => rejection.Conflicts)],
                areConflictsSaid: true);
        }

        // The guest can use what every container of its space can map.
        var space = _request.Containers.Aggregate(ValidIovaRanges.All, (windows, container) => windows.Intersect(container.Windows));
        var conflicts = Conflicts();
        var critical = conflicts.Where(conflict => !conflict.IsSkippable).ToList();
        if ((_request.Containers.Count > 0 || _request.Policy.ToldWindows is not null) && _request.Policy.WhyFixed(space, space.Intersect(_reach)) is { } why)
        {
            return Refused(AttachRefusalCause.Policy, Errno.EINVAL, [$"a new container does not help {_request.Group}: {why}"], critical);
        }

        if (critical.Count > 0)
        {
            return Refused(AttachRefusalCause.Conflict, Errno.EINVAL, OtherRejections(critical), critical);
        }

        if (_reach.Count == 0)
        {
            return Refused(AttachRefusalCause.NoWindow, Errno.EINVAL, [$"{_request.Group} leaves no valid IOVA: its reserved regions take all that its IOMMU reaches"], []);
        }

        var skipped = Skipped(conflicts);
        var limit = _request.Policy.EntriesOfNewContainer;
        var entries = EntryCount.Of(_request.View, skipped.Select(skip => skip.Section), _request.Pages ?? PageSizes.FourKiB, limit);
        return entries.Fits
            ? new AttachPlan.NewContainer(skipped, _reach, _rejections, _unknowns)
            : Refused(
                AttachRefusalCause.Entries,
                Errno.ENOSPC,
                [
                    $"the view needs at least {entries.Needed} mappings and a container holds {limit}; "
                    + "use fewer and larger memory regions, or raise vfio_iommu_type1.dma_entry_limit",
                ],
                []);
    }

    private IReadOnlyList<Conflict> Conflicts() => Conflict.Of(_request.View, _reserved, _aperture, _request.Group);

    /// <summary>The sections that a new container leaves out, each with its first conflict.</summary>
    private List<(DmaSection Section, Conflict Conflict)> Skipped(IReadOnlyList<Conflict> conflicts) =>
        [.. conflicts.DistinctBy(conflict => conflict.GuestRange).Select(conflict => (SectionLookup.First(_request.View, conflict.GuestRange)!, conflict))];

    /// <summary>What the containers tried before said, where it is something else than what stands in the way of a new one.</summary>
    private List<string> OtherRejections(List<Conflict> critical)
    {
        var holes = critical.Select(conflict => conflict.Range).ToHashSet();
        return
        [
            .. _rejections
                .Where(rejection => !rejection.Conflicts.Any(conflict => holes.Contains(conflict.Range)))
                .Select(rejection => $"{rejection.Container} refused before: {rejection.Words}"),
        ];
    }

    private AttachPlan.Refuse Refused(
        AttachRefusalCause cause, Errno errno, IReadOnlyList<string> reasons, IReadOnlyList<Conflict> conflicts, bool areConflictsSaid = false)
    {
        // A refusal by conflict begins with the conflicts; any other rule is said before them.
        IEnumerable<string> said = conflicts.Count == 0 || areConflictsSaid ? [] : [Conflict.Words(conflicts)];
        var all = cause == AttachRefusalCause.Conflict ? said.Concat(reasons) : reasons.Concat(said);
        var words = all.Aggregate("", (line, next) => line.Length == 0 ? next : line.EndsWith('.') ? $"{line} {next}" : $"{line}; {next}");
        return new(words, errno, conflicts, _rejections, _unknowns) { Cause = cause, Reasons = reasons };
    }
}
