namespace Vmm.Iommu.HotPath;

/// <summary>What became of a request.</summary>
public enum RingStatus
{
    /// <summary>It was executed.</summary>
    Done,

    /// <summary>It was not executed: the container is closed.</summary>
    Closed,

    /// <summary>It threw; the ring goes on.</summary>
    Faulted,
}
