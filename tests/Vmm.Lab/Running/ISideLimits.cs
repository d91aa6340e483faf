namespace Vmm.Lab.Running;

/// <summary>What differs in how a kernel is asked for it: limits, and what is held.</summary>
internal interface ISideLimits
{
    /// <summary>vfio_iommu_type1.dma_entry_limit: mappings a container may hold.</summary>
    void SetEntryLimit(uint limit);

    /// <summary>Pages of 4 KiB that are charged to this process as locked, since the side was made. KERNEL: an iommufd charges the user, which nobody can see here.</summary>
    long LockedPages();

    /// <summary>Back to what was before the history.</summary>
    void Restore();

    /// <summary>What is held though everything was let go; null for nothing.</summary>
    string? LeftBehind();
}
