using Vmm.Iommu.Planning;

namespace Vmm.Actors;

/// <summary>How an attach was decided: kept so that somebody can ask later why a device is where it is, or is not in.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Group">Number of its group; null when the host did not give it.</param>
/// <param name="Container">Number of its container; null when it was refused.</param>
/// <param name="IsNewContainer">True when the container was made for it.</param>
/// <param name="Words">The decision in words; for a refusal, why.</param>
/// <param name="Rejections">The containers that did not take its group, in the order tried, each with its reason.</param>
public sealed record AttachDecision(
    string Device,
    int? Group,
    int? Container,
    bool IsNewContainer,
    string Words,
    IReadOnlyList<ContainerRejection> Rejections)
{
    /// <summary>Decision and rejections on one line.</summary>
    public override string ToString() => Rejections.Count == 0 ? Words : $"{Words} Tried before: {string.Join(" | ", Rejections)}";
}
