using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>What is expected of a step. What is null is not looked at.</summary>
public sealed record StepExpectation
{
    /// <summary>How it ends; null for doing what it asks. A step that is refused or faults is not as expected unless this says so.</summary>
    public StepOutcome? Outcome { get; init; }

    /// <summary>True when any end is as good as another, as where an actor fails under the step. It does end.</summary>
    public bool AnyOutcome { get; init; }

    /// <summary>Which rule refused: a name of <see cref="Actors.RefusalReason"/>.</summary>
    public Actors.RefusalReason? Reason { get; init; }

    /// <summary>The errno of a refusal, by name.</summary>
    public string? Errno { get; init; }

    /// <summary>Pieces of text that the words of the outcome hold, in any order.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>The container that the device is in.</summary>
    public int? Container { get; init; }

    /// <summary>Containers of the space afterwards.</summary>
    public int? Containers { get; init; }

    /// <summary>The valid windows of the device's container, or of the space's first one.</summary>
    public IReadOnlyList<IovaRange>? Windows { get; init; }

    /// <summary>A piece of text for each section that was left out, in order of address; empty for none.</summary>
    public IReadOnlyList<string>? Skipped { get; init; }

    /// <summary>A piece of text for each hole that a commit left; empty for none.</summary>
    public IReadOnlyList<string>? Holes { get; init; }

    /// <summary>Bytes of RAM unmapped and mapped again though nothing about them changed.</summary>
    public ulong? Churn { get; init; }

    /// <summary>What is mapped afterwards, neighbours of one access joined, in the device's container or the space's first one: <c>0x0-0xbffff rw</c>.</summary>
    public IReadOnlyList<string>? Mapped { get; init; }

    /// <summary>All kernel calls of the step, in order: each the beginning of a line, such as <c>VFIO_GROUP_SET_CONTAINER</c>.</summary>
    public IReadOnlyList<string>? Calls { get; init; }

    /// <summary>How often kernel calls were made, by name; 0 for never.</summary>
    public IReadOnlyDictionary<string, int>? CallCounts { get; init; }

    /// <summary>A piece of text for each event of the host and of the spaces' windows, in order; others may come between. Empty for none at all.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>A piece of text for each line that the VMM's actors logged, in order, of what is worth a line in daily use or more; empty for none.</summary>
    public IReadOnlyList<string>? Log { get; init; }

    /// <summary>Pieces of text that the space's newest decision about an attach holds, in any order.</summary>
    public IReadOnlyList<string>? Decision { get; init; }

    /// <summary>A piece of text for each range that is to be mapped and is not, in the device's container or the space's first one; empty for none.</summary>
    public IReadOnlyList<string>? Pending { get; init; }

    /// <summary>What a plan rests on and costs; for a step that plans.</summary>
    public PlanExpectation? Plan { get; init; }

    /// <summary>A piece of text for each thing that is wrong in the host's sysfs, in the order found; empty for none.</summary>
    public IReadOnlyList<string>? Problems { get; init; }

    /// <summary>Groups of the host.</summary>
    public IReadOnlyList<GroupExpectation>? Topology { get; init; }

    /// <summary>Bytes that a device or the guest reads; for a device's write, what the guest then sees there.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }
}
