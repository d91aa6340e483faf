namespace Vmm.Iommu.Kernel;

/// <summary>Whose the mapped pages are.</summary>
public enum MappingSharing
{
    /// <summary>The file's own pages: writes are seen by everyone who maps it.</summary>
    Shared,

    /// <summary>Copies on write; the file never sees them.</summary>
    Private,

    /// <summary>No file.</summary>
    Anonymous,
}
