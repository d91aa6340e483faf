using Vmm.Iommu.HotPath;
using Vmm.Iommu.Planning;

namespace Vmm.Actors.Containers;

/// <summary>One container's ring, and what is in it; outlives its actor.</summary>
/// <param name="id">Its number in the VM.</param>
/// <param name="mode">How views become calls.</param>
/// <param name="joining">What its space lets join.</param>
internal sealed class ContainerLedger(int id, MappingPlanMode mode, JoiningMember joining)
{
    /// <summary>Its number in the VM.</summary>
    public int Id { get; } = id;

    /// <summary>Its members and devices. Touched in the ring's turn only, and before there is a ring.</summary>
    public ContainerContents Contents { get; } = new(mode, joining.Backend);

    /// <summary>What its space lets join.</summary>
    public JoiningMember Joining { get; } = joining;

    /// <summary>Its ring; null until its first member is in.</summary>
    public ContainerRing? Ring { get; set; }

    /// <summary>Whether hot maps of the space come into it.</summary>
    public LaneState Lane { get; set; }

    /// <summary>The groups in it, as of the last answer.</summary>
    public IReadOnlyList<int> Groups { get; set; } = [];

    /// <summary>Sections of the view that it leaves out, as of the last view.</summary>
    public IReadOnlyList<SkippedSection> Skipped { get; set; } = [];

    /// <summary>RAM of the view that is to be mapped and could not be, as of the last view; the next one tries again.</summary>
    public IReadOnlyList<SkippedSection> Pending { get; set; } = [];

    /// <summary>Why it cannot be relied on, in words; null when it can.</summary>
    public string? Degraded { get; set; }

    /// <summary>Releases everything behind whatever the ring still holds. For the time when no actor lives to do it.</summary>
    /// <returns>What could not be released, in words.</returns>
    public async Task<IReadOnlyList<string>> ReleaseAsync()
    {
        if (Ring is not { } ring)
        {
            return [];
        }

        var closed = new TaskCompletionSource<RingResult<ContainerSettled>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!ring.Post(turn => SettleWork.Release(turn, Contents), closed.SetResult))
        {
            return [$"Container {Id} could not be closed: its ring is full."];
        }

        var result = await closed.Task;
        await ring.DisposeAsync();
        return result switch
        {
            { Status: RingStatus.Closed } => [],
            { IsDone: true, Value: { } settled } => settled.Left,
            _ => [$"Container {Id} could not be closed: {result.Fault?.Message}"],
        };
    }
}
