using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Planning;

namespace Vmm.Actors.Client;

/// <summary>What an attach would do.</summary>
/// <param name="Plan">The plan, refusals by conflict included; null when the group is not to be had at all.</param>
/// <param name="Refusal">Why there is no plan; null when there is one.</param>
public sealed record PlanOutcome(AttachPlan? Plan, Refusal? Refusal)
{
    /// <summary>True when there is a plan.</summary>
    [MemberNotNullWhen(true, nameof(Plan))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool HasPlan => Plan is not null;
}
