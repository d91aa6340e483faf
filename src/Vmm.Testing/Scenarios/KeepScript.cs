using Vmm.Actors;
using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>What an attach has to come to for its caller to keep it. What is null is not looked at.</summary>
public sealed record KeepScript
{
    /// <summary>The valid windows of the space with the device in it.</summary>
    public IReadOnlyList<IovaRange>? Windows { get; init; }

    /// <summary>True when a container must have been made for it; false when it must share one.</summary>
    public bool? IsNewContainer { get; init; }

    /// <summary>How many sections its container leaves out.</summary>
    public int? Skipped { get; init; }

    internal bool Holds(AttachLook look) =>
        (Windows is null || look.WindowsAfter.SequenceEqual(Windows))
        && (IsNewContainer ?? look.IsNewContainer) == look.IsNewContainer
        && (Skipped ?? look.Skipped.Count) == look.Skipped.Count;
}
