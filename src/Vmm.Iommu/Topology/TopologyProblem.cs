namespace Vmm.Iommu.Topology;

/// <summary>Something in sysfs that is not as it should be. A live host goes on with "unknown"; a strict reader refuses the tree.</summary>
/// <param name="Path">Where, relative to /sys.</param>
/// <param name="Line">Which line of the file, from 1; null when it is not about a line.</param>
/// <param name="Wrong">What is wrong.</param>
/// <param name="Right">What would be right.</param>
public sealed record TopologyProblem(string Path, int? Line, string Wrong, string Right)
{
    /// <summary>All of it on one line.</summary>
    public override string ToString() => Line is { } line ? $"{Path}:{line}: {Wrong}; {Right}" : $"{Path}: {Wrong}; {Right}";
}
