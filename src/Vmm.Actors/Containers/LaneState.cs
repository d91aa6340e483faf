namespace Vmm.Actors.Containers;

/// <summary>Whether a container is one of those that hot maps of its space go to.</summary>
internal enum LaneState
{
    /// <summary>It is not: the first view is not in it yet, or it is about to close.</summary>
    Out,

    /// <summary>It is, and a replay brings what the vIOMMU had mapped before.</summary>
    Filling,

    /// <summary>It is.</summary>
    In,
}
