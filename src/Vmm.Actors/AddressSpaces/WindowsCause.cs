namespace Vmm.Actors.AddressSpaces;

/// <summary>Why the valid IOVAs of a space were published anew.</summary>
public enum WindowsCause
{
    /// <summary>A device was attached, and its group came into a container.</summary>
    DeviceAttached,

    /// <summary>A device of a group that was in already was attached: what late members of the group brought counts from now on.</summary>
    LateMember,

    /// <summary>A device was detached, and its group left.</summary>
    DeviceDetached,

    /// <summary>The space's rules have other holes.</summary>
    HolesChanged,

    /// <summary>Something was begun and taken back, or an actor was replaced: what is in force now.</summary>
    Undone,
}
