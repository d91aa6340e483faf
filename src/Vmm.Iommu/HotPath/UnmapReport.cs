using Vmm.Iommu.Results;

namespace Vmm.Iommu.HotPath;

/// <summary>What unmapping all that lies in a range came to.</summary>
/// <param name="Unmapped">Mappings unmapped.</param>
/// <param name="Bytes">Bytes unmapped.</param>
/// <param name="Failed">Mappings that are still there: their unmap failed, or the range would have cut them.</param>
/// <param name="FirstFailure">The answer for the lowest of those; <see cref="MapResult.Ok"/> when there is none.</param>
public readonly record struct UnmapReport(int Unmapped, UInt128 Bytes, int Failed, MapResult FirstFailure)
{
    /// <summary>This and then another.</summary>
    public UnmapReport And(UnmapReport next) =>
        new(Unmapped + next.Unmapped, Bytes + next.Bytes, Failed + next.Failed, FirstFailure.IsOk ? next.FirstFailure : FirstFailure);
}
