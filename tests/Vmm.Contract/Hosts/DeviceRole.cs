namespace Vmm.Contract.Hosts;

/// <summary>What a test wants of a device.</summary>
public enum DeviceRole
{
    /// <summary>Alone in its group, with a memory BAR that can be mapped.</summary>
    Lone,

    /// <summary>Alone in its group, and moves memory when told: <see cref="IDmaBuffer"/>.</summary>
    Dma,

    /// <summary>One of two in a group.</summary>
    FirstOfTwo,

    /// <summary>The other of the two.</summary>
    SecondOfTwo,

    /// <summary>A mediated device.</summary>
    Mediated,

    /// <summary>Bound to VFIO, with a neighbour that a driver of the kernel holds.</summary>
    Unviable,

    /// <summary>That neighbour.</summary>
    UnviableNeighbour,

    /// <summary>Alone in its group and below a port, whose bus can be reset.</summary>
    Port,

    /// <summary>One of two in a group behind a bridge, whose bus can be reset.</summary>
    Bridged,

    /// <summary>The other of the two.</summary>
    BridgedSibling,

    /// <summary>Behind no IOMMU.</summary>
    Unprotected,
}
