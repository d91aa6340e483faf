using Vmm.Iommu.Planning;
using Vmm.Iommu.Topology;

namespace Vmm.Cli.Plans;

/// <summary>A device and what attaching it would do.</summary>
/// <param name="Device">The device.</param>
/// <param name="Plan">What the attach would do.</param>
/// <param name="Detail">What the plan rests on and costs.</param>
/// <param name="Mappings">Mappings in the device's container afterwards; zero for a refusal.</param>
/// <param name="EntryLimit">Mappings that the container holds.</param>
/// <param name="ProbeFailure">Why the kernel could not be asked; null where it was, or was not to be.</param>
internal sealed record PlannedDevice(HostDevice Device, AttachPlan Plan, PlanDetail Detail, int Mappings, long EntryLimit, string? ProbeFailure)
{
    /// <summary>How the memory behind the guest's is taken to lie, in words.</summary>
    public required string HostMemory { get; init; }

    /// <summary>The verdict in a word: <c>share</c>, <c>new-container</c> or <c>refused</c>.</summary>
    public string Verdict => Plan switch
    {
        AttachPlan.Share => "share",
        AttachPlan.NewContainer => "new-container",
        _ => "refused",
    };

    /// <summary>Where the container could map afterwards; where the group could, for a refusal.</summary>
    public Iommu.Reserved.ValidIovaRanges Windows => Plan switch
    {
        AttachPlan.Share share => share.WindowsAfter,
        AttachPlan.NewContainer fresh => fresh.WindowsAfter,
        _ => Detail.Reach,
    };
}
