using FsCheck;
using FsCheck.Fluent;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Reserved;
using Vmm.Iommu.Tests.Properties;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Tests.Planning;

/// <summary>The verdict of a plan for any group, containers, view and policy, against the rules said once more in the plainest way.</summary>
public class AttachPlanPropertyTests
{
    private static readonly GroupViability Viable = new(new IommuGroupId(6), []);
    private static readonly GroupViability NotViable = new(
        new IommuGroupId(6), [new HostDevice { Name = "0000:06:00.1", Bus = "pci", Path = "devices/x", Driver = "e1000e" }]);

    private static readonly Gen<IovaRange> Place = Gen.OneOf(Ranges.Mixed(), Ranges.Near(20, 12, 0x1000_0000), Ranges.Pages(12));

    private static readonly Gen<ValidIovaRanges> Windows = Gen.Frequency(
        (2, Gen.Constant(ValidIovaRanges.All)),
        (3, Ranges.Some(Ranges.Near(20, 12, 0x1000_0000), 2).Select(holes => holes.Aggregate(ValidIovaRanges.All, (windows, hole) => windows.Without(hole)))),
        (1, Ranges.Some(Ranges.Spans(12, 0x1000), 2).Select(ranges => new ValidIovaRanges(ranges))));

    private static readonly Gen<ReservedRegionSet> Regions =
        from holes in Ranges.Some(Place, 2)
        from relaxable in Ranges.Some(Place, 1)
        from direct in Gen.Frequency((9, Gen.Constant(Array.Empty<IovaRange>())), (1, Ranges.Some(Place, 1)))
        select new ReservedRegionSet(
            [.. Of(ReservedRegionKind.Msi, holes), .. Of(ReservedRegionKind.DirectRelaxable, relaxable), .. Of(ReservedRegionKind.Direct, direct)]);

    private static readonly Gen<AttachPolicy> Policies =
        from second in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from freeze in Rarely
        from told in Gen.Frequency((5, Gen.Constant((ValidIovaRanges?)null)), (1, Windows.Select(windows => (ValidIovaRanges?)windows)))
        from entries in Gen.Elements(65_535L, 400, 3)
        select new AttachPolicy { AllowSecondContainer = second, FreezeIova = freeze, ToldWindows = told, EntriesOfNewContainer = entries };

    private static readonly Gen<AttachRequest> Requests =
        from view in Views.Some(5)
        from containers in (from count in Gen.Choose(0, 3) from some in Container(view).ArrayOf(count) select some)
        from regions in Regions
        from isUnknown in Rarely
        from aperture in Gen.OneOf(Gen.Constant((ValidIovaRanges?)null), Windows.Select(windows => (ValidIovaRanges?)windows))
        from isMediated in Rarely
        from isViable in Gen.Frequency((12, Gen.Constant(true)), (1, Gen.Constant(false)))
        from isProtected in Gen.Frequency((12, Gen.Constant(true)), (1, Gen.Constant(false)))
        from home in Gen.Frequency((6, Gen.Constant((string?)null)), (1, Gen.Constant((string?)"c0")))
        from policy in Policies
        select new AttachRequest
        {
            Viability = isViable ? Viable : NotViable,
            WhyUnprotected = isProtected ? null : "nothing translates its DMA.",
            Reserved = new(regions, isUnknown ? "no file" : null),
            Aperture = aperture,
            IsMediated = isMediated,
            Kind = "type1",
            Containers = [.. containers.Select((container, at) => container with { Id = $"c{at}" })],
            Home = home,
            View = view,
            Policy = policy,
        };

    private static Gen<bool> Rarely => Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)));

    [Fact]
    [Trait("Requirement", "R2.1")]
    [Trait("Requirement", "R2.4")]
    [Trait("Requirement", "R2.13")]
    public void The_verdict_is_that_of_the_rules_in_their_order() => Generated.Explains(Requests, request =>
    {
        var (verdict, expected) = (VerdictOf(AttachPlan.For(request)), ByRules(request));
        return verdict == expected ? null : $"the plan says {verdict}, the rules {expected}";
    }, count: 4_000);

    [Fact]
    [Trait("Requirement", "R0.1")]
    public void The_windows_of_a_plan_hold_exactly_the_bytes_that_container_and_group_both_reach() => Generated.Holds(Requests, request =>
    {
        var plan = AttachPlan.For(request);
        var windows = plan switch { AttachPlan.Share share => share.WindowsAfter, AttachPlan.NewContainer fresh => fresh.WindowsAfter, _ => null };
        var container = request.Containers.FirstOrDefault(candidate => candidate.Id == (plan as AttachPlan.Share)?.Container);
        var now = container?.Windows ?? ValidIovaRanges.All;
        var reach = request.Aperture ?? ValidIovaRanges.All;
        var holes = request.Reserved.Regions.Where(region => region.IsHole).Select(region => region.Range).ToList();
        return windows is null || Naive.IsExactly(
            windows, [.. now, .. reach, .. holes], point => IsIn(now, point) && IsIn(reach, point) && !IsIn(holes, point));
    }, count: 1_500);

    [Fact]
    [Trait("Requirement", "R1.17")]
    public void What_is_unknown_is_said_and_changes_no_verdict() => Generated.Holds(Requests, request =>
    {
        var plan = AttachPlan.For(request);
        var known = AttachPlan.For(request with { Reserved = request.Reserved with { WhyUnknown = null }, Aperture = request.Aperture ?? ValidIovaRanges.All });
        return VerdictOf(plan) == VerdictOf(known)
            && plan.Unknowns.Any(words => words.StartsWith("reserved regions", StringComparison.Ordinal)) == !request.Reserved.IsKnown
            && plan.Unknowns.Any(words => words.StartsWith("aperture", StringComparison.Ordinal)) == (request.Aperture is null && !request.IsMediated);
    }, count: 1_500);

    private static string VerdictOf(AttachPlan plan) => plan switch
    {
        AttachPlan.Share share => $"share {share.Container}",
        AttachPlan.NewContainer fresh => $"new, {string.Join(' ', fresh.Skipped.Select(skip => skip.Section.Range))} left out",
        AttachPlan.Refuse refuse => $"refused: {refuse.Cause}",
        _ => plan.GetType().Name,
    };

    private static string ByRules(AttachRequest request)
    {
        if (!request.Viability.IsViable)
        {
            return "refused: NotViable";
        }

        if (request.WhyUnprotected is not null)
        {
            return "refused: NoIommu";
        }

        if (request.Reserved.Regions.Any(region => region.Kind == ReservedRegionKind.Direct))
        {
            return "refused: DirectRegion";
        }

        var (reach, policy) = (Reach(request), request.Policy);
        var asked = request.Containers.Where(container => request.Home is null || request.Home == container.Id).ToList();
        foreach (var container in asked)
        {
            var (hasRoom, left) = (IsFree(container, request, reach), container.Windows.Intersect(reach));
            if (hasRoom && left.Count > 0 && MayBecome(policy, container.Windows, left))
            {
                return $"share {container.Id}";
            }

            if (request.Home is not null)
            {
                return hasRoom && left.Count > 0 ? "refused: Policy" : "refused: Conflict";
            }
        }

        return New(request, reach);
    }

    private static string New(AttachRequest request, ValidIovaRanges reach)
    {
        var policy = request.Policy;
        var space = request.Containers.Aggregate(ValidIovaRanges.All, (windows, container) => windows.Intersect(container.Windows));
        var isFixed = (request.Containers.Count > 0 || policy.ToldWindows is not null) && !MayBecome(policy, space, space.Intersect(reach));
        if (isFixed || (!policy.AllowsSecond(request.Kind) && request.Containers.Any(container => container.Kind == request.Kind)))
        {
            return "refused: Policy";
        }

        var beyond = request.View.Where(section => !reach.Contains(section.Range)).ToList();
        if (beyond.Exists(section => !section.IsSkippable))
        {
            return "refused: Conflict";
        }

        return reach.Count == 0 ? "refused: NoWindow"
            : !Fits(request.View, beyond, policy.EntriesOfNewContainer) ? "refused: Entries"
            : $"new, {string.Join(' ', beyond.Select(section => section.Range))} left out";
    }

    private static ValidIovaRanges Reach(AttachRequest request) => request.Reserved.Regions
        .Where(region => region.IsHole)
        .Aggregate(request.Aperture ?? ValidIovaRanges.All, (windows, hole) => windows.Without(hole.Range));

    /// <summary>Nothing but the windows keeps a container from taking the group.</summary>
    private static bool IsFree(ContainerCandidate container, AttachRequest request, ValidIovaRanges reach) =>
        container.Verdict is null && container.Closed is null && container.Kind == request.Kind
        && container.Mappings.All(mapping => reach.Contains(mapping.Range));

    private static bool MayBecome(AttachPolicy policy, ValidIovaRanges before, ValidIovaRanges after) =>
        (!policy.FreezeIova || after.Equals(before)) && (policy.ToldWindows is not { } told || told.All(after.Contains));

    /// <summary>Mappings one by one, ascending; RAM has to get in.</summary>
    private static bool Fits(IReadOnlyList<DmaSection> view, List<DmaSection> leftOut, long limit)
    {
        var cuts = FixedCuts.For(view, PageSizes.FourKiB, limit);
        foreach (var section in view.Except(leftOut))
        {
            var pieces = section.IsSkippable ? 1 : cuts.Pieces(section.Range).Count();
            if (pieces <= limit)
            {
                limit -= pieces;
            }
            else if (!section.IsSkippable)
            {
                return false;
            }
        }

        return true;
    }

    private static Gen<ContainerCandidate> Container(DmaSection[] view) =>
        from windows in Windows
        from kind in Gen.Frequency((5, Gen.Constant("type1")), (1, Gen.Constant("iommufd")))
        from isClosed in Rarely
        from hasSaidNo in Rarely
        from mapped in Gen.Frequency((2, Gen.Constant(view)), (1, Gen.Constant(Array.Empty<DmaSection>())), (1, Views.Some(3)))
        select new ContainerCandidate("c", kind, windows, Tables.Mapped(mapped), isClosed ? "an unmap failed in it" : null)
        {
            Verdict = hasSaidNo ? new("c", "it said no", []) : null,
        };

    private static IEnumerable<ReservedRegion> Of(ReservedRegionKind kind, IovaRange[] ranges) =>
        ranges.Select(range => new ReservedRegion(kind, range, "group 6", "test"));

    private static bool IsIn(IEnumerable<IovaRange> ranges, Iova point) => ranges.Any(range => range.Contains(point));
}
