using Vmm.Iommu.Addressing;

namespace Vmm.Cli.Drawing;

/// <summary>An address space after a step, and what it was before.</summary>
/// <param name="Now">After the step.</param>
/// <param name="Before">Before it; null where nothing is known, and then nothing is a difference.</param>
internal sealed record SpaceFrame(SpacePicture Now, SpacePicture? Before = null)
{
    /// <summary>What the step unmapped and mapped again, ascending.</summary>
    internal IReadOnlyList<IovaRange> Remapped { get; init; } = [];

    /// <summary>The container as it was before the step; null for a new one.</summary>
    internal SpacePicture.Container? BeforeOf(SpacePicture.Container container) =>
        Before?.Containers.FirstOrDefault(before => before.Title == container.Title);

    /// <summary>True when the picture before the step is known and would be drawn the same.</summary>
    internal bool IsAsBefore =>
        Before is not null
        && Remapped.Count == 0
        && Before.Containers.Count == Now.Containers.Count
        && Now.Containers.All(container => BeforeOf(container) is { } before && IsSame(container, before));

    private static bool IsSame(SpacePicture.Container now, SpacePicture.Container before) =>
        now.Members == before.Members
        && now.Degraded == before.Degraded
        && Equals(now.Windows, before.Windows)
        && now.Mapped.SequenceEqual(before.Mapped)
        && now.Skipped.SequenceEqual(before.Skipped)
        && now.Reserved.SequenceEqual(before.Reserved);
}
