namespace Vmm.Iommu.HotPath;

/// <summary>What a hot request does.</summary>
internal enum HotKind : byte
{
    /// <summary>Maps.</summary>
    Map,

    /// <summary>Unmaps whole mappings, at least one.</summary>
    Unmap,

    /// <summary>Unmaps whole mappings, or none: a guest invalidates what it likes.</summary>
    Clear,
}
