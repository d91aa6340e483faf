using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>An IOMMU that a scenario adds to a host.</summary>
/// <param name="Name">Its name in <c>/sys/class/iommu</c>, such as <c>dmar1</c>; one of <c>ivhd</c> or <c>smmu</c> is of that kind.</param>
public sealed record IommuScript(string Name)
{
    /// <summary>What it can map; null for 48 bits.</summary>
    public IovaRange? Aperture { get; init; }
}
