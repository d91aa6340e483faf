using Vmm.Iommu.Addressing;

namespace Vmm.Testing.Scenarios;

/// <summary>A guest address space and its first view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Memory">Its first view, committed before the first step.</param>
public sealed record SpaceScript(string Name, MemoryScript Memory)
{
    /// <summary>True when a vIOMMU translates what the view says so of.</summary>
    public bool HasGuestIommu { get; init; }

    /// <summary>Holes in which nothing is mapped, asked for before the first view.</summary>
    public IReadOnlyList<IovaRange> Holes { get; init; } = [];
}
