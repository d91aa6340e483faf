namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>What devices of a container are attached to: a page table (HWPT), or the IOAS itself.</summary>
internal sealed class IommufdPageTable(uint id, bool hasDirtyTracking)
{
    public uint Id { get; } = id;

    public bool HasDirtyTracking { get; } = hasDirtyTracking;

    public List<IommufdDevice> Users { get; } = [];
}
