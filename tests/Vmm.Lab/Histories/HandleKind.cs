namespace Vmm.Lab.Histories;

/// <summary>What a slot of a history holds.</summary>
internal enum HandleKind
{
    /// <summary>No descriptor at all: -1.</summary>
    None,

    /// <summary>An open /dev/vfio/vfio.</summary>
    Container,

    /// <summary>An open group node.</summary>
    Group,

    /// <summary>An open device, through its group or its own node.</summary>
    Device,

    /// <summary>An eventfd: a descriptor of a kind that nobody wants.</summary>
    Event,

    /// <summary>An open /dev/iommu.</summary>
    Iommu,

    /// <summary>A memfd.</summary>
    File,
}
