namespace Vmm.Actors.Hosts;

/// <summary>What became of the device of a change.</summary>
public enum LateMemberState
{
    /// <summary>Its group is not in use here; nothing to decide.</summary>
    Free,

    /// <summary>Its group is in use here: the device is held and never used until somebody opts in.</summary>
    HeldUnused,

    /// <summary>It, or its group, is in use here.</summary>
    InUse,

    /// <summary>It has a host driver inside a group in use: the group is no longer viable.</summary>
    BreaksIsolation,

    /// <summary>It is gone.</summary>
    Gone,
}
