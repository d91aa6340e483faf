namespace Vmm.Actors.Hosts;

/// <summary>What happened to a group.</summary>
public enum GroupChange
{
    /// <summary>A device turned up in it.</summary>
    DeviceArrived,

    /// <summary>A device left it.</summary>
    DeviceLeft,

    /// <summary>A device of it has another driver, or none.</summary>
    DriverChanged,

    /// <summary>Its reserved regions changed.</summary>
    RegionsChanged,

    /// <summary>The group itself appeared.</summary>
    GroupAppeared,

    /// <summary>The group itself vanished.</summary>
    GroupVanished,
}
