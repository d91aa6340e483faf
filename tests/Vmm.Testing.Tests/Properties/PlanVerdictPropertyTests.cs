using FsCheck;
using Vmm.Actors;
using Vmm.Actors.Client;
using Vmm.Iommu.Planning;
using Vmm.Iommu.Tests.Properties;

namespace Vmm.Testing.Tests.Properties;

/// <summary>What a plan says, an attach does: any host, view, devices in any order, mediated ones among them.</summary>
public class PlanVerdictPropertyTests
{
    private const ulong UsualPages = 0x4020_1000;

    private static readonly Gen<SpaceCase> Spaces = SpaceCase.Any(mostHoles: 1, UsualPages);

    [Fact]
    [Trait("Requirement", "R0.4")]
    [Trait("Requirement", "R0.5")]
    [Trait("Requirement", "R2.13")]
    public void An_attach_does_what_the_plan_before_it_says()
    {
        var met = new HashSet<string>();
        Generated.Explains(Spaces, input =>
        {
            using var world = new SpaceWorld(input);
            return input.Order.Select(device => WhatDiffers(world, device, met)).FirstOrDefault(wrong => wrong is not null);
        }, count: 150);

        string[] all =
        [
            "new", "new without a section", "second", "share", "mediated", "DirectRegion", "Conflict by a region", "Conflict by the aperture",
            "Policy", "Entries", "GroupNotViable", "condition",
        ];
        Assert.Empty(all.Except(met));
    }

    private static string? WhatDiffers(SpaceWorld world, string device, HashSet<string> met)
    {
        var (before, held) = (world.State, world.Kernel.Census().ToString());
        var (unasked, asked) = (world.Plan(device, probe: false), world.Plan(device, probe: true));
        if (world.Kernel.Census().ToString() != held || !IsSame(before, world.State))
        {
            return $"{device}: the plan left {world.Kernel.Census()} where there was {held}";
        }

        var attach = world.Attach(device);
        var after = world.State;
        met.UnionWith(Kinds(asked, attach, before));
        var wrong = WhyUnlike(asked, attach, before, after) ?? (attach.IsAttached ? null : WhyNotAsBefore(before, after)) ?? WhyUnlikeUnasked(unasked, attach);
        return wrong is null ? null : $"{device}: {wrong}\nplanned: {Words(asked)}\nunasked: {Words(unasked)}\nattached: {Words(attach)}\nbefore: {Words(before)}\nafter: {Words(after)}";
    }

    /// <summary>What the case is good for.</summary>
    private static IEnumerable<string> Kinds(PlanOutcome planned, AttachOutcome attach, AddressSpaceState before)
    {
        if (planned.Refusal is { } refusal)
        {
            yield return $"{refusal.Reason}";
        }
        else if (planned.Plan is AttachPlan.Refuse refuse)
        {
            yield return refuse.Conflicts.Count == 0 ? $"{refuse.Cause}" : $"{refuse.Cause} by {(refuse.Conflicts.Any(conflict => conflict.Kind is null) ? "the aperture" : "a region")}";
            yield return $"{refuse.Cause}";
        }
        else if (planned.Plan!.Conditions.Count > 0)
        {
            yield return "condition";
        }
        else if (planned.Plan is AttachPlan.NewContainer fresh)
        {
            yield return fresh.Skipped.Count > 0 ? "new without a section" : "new";
            yield return before.Containers.Count > 0 ? "second" : "new";
        }
        else
        {
            yield return "share";
        }

        if (attach.IsAttached && !attach.Binding.Device.StartsWith("0000:", StringComparison.Ordinal))
        {
            yield return "mediated";
        }
    }

    private static string? WhyUnlike(PlanOutcome planned, AttachOutcome attach, AddressSpaceState before, AddressSpaceState after)
    {
        if (planned.Refusal is { } refusal)
        {
            return attach.Refusal is null || (attach.Refusal.Reason, attach.Refusal.Words) != (refusal.Reason, refusal.Words) ? "refused otherwise than planned" : null;
        }

        if (!planned.Plan!.WouldAttach)
        {
            return attach.IsAttached ? "attached although the plan refuses"
                : planned.Plan is AttachPlan.Refuse refuse && attach.Refusal.Reason != ReasonOf(refuse) ? "refused for another reason than planned"
                : null;
        }

        if (!attach.IsAttached)
        {
            return "refused although the plan would attach";
        }

        var isNew = before.Containers.All(container => container.Id != attach.Binding.Container);
        var (container, windows) = planned.Plan switch
        {
            AttachPlan.Share share => (share.Container, share.WindowsAfter),
            AttachPlan.NewContainer fresh => (isNew ? $"container {attach.Binding.Container}" : "a new container", fresh.WindowsAfter),
            _ => throw new InvalidOperationException(planned.Plan.GetType().Name),
        };
        var now = after.Containers.Single(report => report.Id == attach.Binding.Container);
        return container != $"container {attach.Binding.Container}" ? $"attached in container {attach.Binding.Container}, planned {container}"
            : !now.Snapshot.Windows.Equals(windows) ? $"windows {now.Snapshot.Windows}, planned {windows}"
            : planned.Plan is AttachPlan.NewContainer made ? WhyUnlike(made, attach)
            : null;
    }

    private static string? WhyUnlike(AttachPlan.NewContainer planned, AttachOutcome attach)
    {
        var expected = planned.Skipped.Select(skip => (skip.Section.Range, skip.Section.Name)).Order();
        var left = attach.Skipped.Where(section => section.Reason.Contains(", which is ", StringComparison.Ordinal)).Select(section => (section.Range, section.Name)).Distinct().Order();
        return left.SequenceEqual(expected) ? null : "other sections were left out than planned";
    }

    /// <summary>Where the kernel was not asked, a refusal still holds, word for word; the rest may come out otherwise where something is unknown.</summary>
    private static string? WhyUnlikeUnasked(PlanOutcome planned, AttachOutcome attach) => planned.Plan switch
    {
        AttachPlan.Refuse refuse when attach.Refusal is not { } refusal || refusal.Words != refuse.Reason => "refused in other words than were planned without asking",
        { Unknowns.Count: 0, WouldAttach: true } when !attach.IsAttached => "refused although nothing was unknown",
        _ => null,
    };

    private static string? WhyNotAsBefore(AddressSpaceState before, AddressSpaceState after) => IsSame(before, after) ? null : "the refused attach changed the space";

    private static bool IsSame(AddressSpaceState before, AddressSpaceState after) => Words(before) == Words(after);

    private static RefusalReason ReasonOf(AttachPlan.Refuse refuse) => refuse.Cause switch
    {
        AttachRefusalCause.NotViable => RefusalReason.GroupNotViable,
        AttachRefusalCause.NoIommu => RefusalReason.NoGroup,
        AttachRefusalCause.Policy => RefusalReason.Policy,
        _ => RefusalReason.Conflict,
    };

    private static string Words(PlanOutcome planned) => planned.Plan is { } plan
        ? $"{plan.GetType().Name} {(plan as AttachPlan.Refuse)?.Cause} {(plan as AttachPlan.Refuse)?.Reason} {string.Join(", ", plan.Conditions)} unknown: {string.Join(", ", plan.Unknowns)}"
        : $"{planned.Refusal?.Reason} {planned.Refusal?.Words}";

    private static string Words(AttachOutcome attach) => attach.IsAttached
        ? $"in container {attach.Binding.Container}, without {string.Join(", ", attach.Skipped)}"
        : $"{attach.Refusal.Reason} {attach.Refusal.Words}";

    private static string Words(AddressSpaceState state) => string.Join("; ", state.Containers.Select(container =>
        $"container {container.Id}: groups {string.Join(',', container.Groups)}, devices {string.Join(',', container.Devices)}, windows {container.Snapshot.Windows}, "
        + $"{string.Join(' ', container.Mappings)}, without {string.Join(',', container.Skipped)} {container.Degraded}"));
}
