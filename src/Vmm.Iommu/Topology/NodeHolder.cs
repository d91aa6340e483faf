namespace Vmm.Iommu.Topology;

/// <summary>A process that has a node open.</summary>
/// <param name="Process">Its number.</param>
/// <param name="Command">Its name, as in its <c>comm</c>; <c>?</c> where that cannot be read.</param>
/// <param name="IsThisProcess">True for this process itself.</param>
public sealed record NodeHolder(int Process, string Command, bool IsThisProcess)
{
    /// <summary>Number and name.</summary>
    public override string ToString() => IsThisProcess ? $"this process ({Process}, {Command})" : $"process {Process} ({Command})";
}
