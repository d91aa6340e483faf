using Vmm.Iommu.Planning;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Plans as timelines write them.</summary>
internal static class PlanText
{
    internal static string Of(AttachPlan plan)
    {
        var what = plan switch
        {
            AttachPlan.Share share => $"share {share.Container}, windows then {share.WindowsAfter}",
            AttachPlan.NewContainer fresh => $"a new container, windows then {fresh.WindowsAfter}, {fresh.Skipped.Count} sections left out",
            AttachPlan.Refuse refuse => $"refuse: {refuse.Reason}",
            _ => plan.GetType().Name,
        };
        var unknown = plan.Unknowns.Count == 0 ? "" : $"; unknown: {string.Join(", ", plan.Unknowns)}";
        return what + unknown;
    }
}
