using Vmm.Benchmarks.Results;

namespace Vmm.Benchmarks;

/// <summary>How much of the hot path is measured over something, and what should come of it there.</summary>
/// <param name="Pairs">Pairs of map and unmap in a block.</param>
/// <param name="Batches">Batches in a block; the memory holds their pages.</param>
internal sealed record HotShape(int Pairs, int Batches)
{
    /// <summary>What the mapper takes beyond the container's calls.</summary>
    public Aim Own { get; init; } = Aim.None;

    /// <summary>By how much posted maps are faster than one by one.</summary>
    public Aim PostedMaps { get; init; } = Aim.None;
}
