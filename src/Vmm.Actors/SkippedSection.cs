using Vmm.Iommu.Addressing;

namespace Vmm.Actors;

/// <summary>A section that a container leaves out.</summary>
/// <param name="Range">Where it is.</param>
/// <param name="Name">Its memory region.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record SkippedSection(IovaRange Range, string Name, string Reason);
