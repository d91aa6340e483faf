namespace Vmm.Contract.Linearizability;

/// <summary>What a request of a history does.</summary>
public enum HotOperationKind
{
    /// <summary>A vCPU maps.</summary>
    Map,

    /// <summary>A vCPU unmaps.</summary>
    Unmap,

    /// <summary>A vCPU posts an unmap in a batch, which is flushed two posts later.</summary>
    Post,

    /// <summary>A guest invalidates a range.</summary>
    Clear,

    /// <summary>A view maps.</summary>
    MapView,

    /// <summary>A view unmaps.</summary>
    UnmapView,

    /// <summary>Everything is unmapped.</summary>
    UnmapAll,

    /// <summary>A group with a reserved region there comes in.</summary>
    Admit,

    /// <summary>It goes out.</summary>
    Evict,

    /// <summary>The user has a hole there, and no other.</summary>
    SetHoles,

    /// <summary>The vIOMMU translates there, and nowhere else.</summary>
    SetHot,

    /// <summary>What is mapped.</summary>
    Ask,
}
