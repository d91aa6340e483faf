namespace Vmm.Cli.Topology;

/// <summary>Whether a group can be given to a VM.</summary>
internal enum GroupVerdict
{
    /// <summary>A device of it is bound to VFIO and nothing stands in the way.</summary>
    Ready,

    /// <summary>Nothing stands in the way, but no device of it is bound to VFIO.</summary>
    Viable,

    /// <summary>A host driver owns its DMA.</summary>
    NotViable,

    /// <summary>Firmware needs it as it is.</summary>
    Unusable,
}
