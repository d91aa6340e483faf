using Vmm.Iommu.Reserved;

namespace Vmm.Actors;

/// <summary>One address space.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Generation">Number of its view.</param>
/// <param name="Containers">Its containers, oldest first.</param>
/// <param name="Degraded">What could not be released after a fault, in words; null when all is well.</param>
public sealed record AddressSpaceState(string Name, long Generation, IReadOnlyList<ContainerReport> Containers, string? Degraded)
{
    /// <summary>What every container can map, less the holes of the rules.</summary>
    public ValidIovaRanges Windows { get; init; } = ValidIovaRanges.All;

    /// <summary>What holds whoever attaches.</summary>
    public SpaceRules Rules { get; init; } = SpaceRules.None;

    /// <summary>How the latest attaches were decided, oldest first.</summary>
    public IReadOnlyList<AttachDecision> Decisions { get; init; } = [];
}
