namespace Vmm.Actors;

/// <summary>Which rule refused.</summary>
public enum RefusalReason
{
    /// <summary>The host has no such device.</summary>
    NoSuchDevice,

    /// <summary>The device has no IOMMU group.</summary>
    NoGroup,

    /// <summary>The device is attached already.</summary>
    AlreadyAttached,

    /// <summary>Another member of the group is bound to a host driver.</summary>
    GroupNotViable,

    /// <summary>The group belongs to another address space.</summary>
    GroupInAnotherSpace,

    /// <summary>Guest memory lies where the group's IOMMU cannot map.</summary>
    Conflict,

    /// <summary>A policy of the caller forbids it.</summary>
    Policy,

    /// <summary>The caller looked at what the attach came to, and did not keep it.</summary>
    NotKept,

    /// <summary>The VMM would not stop discarding RAM.</summary>
    RamDiscard,

    /// <summary>The VMM's vIOMMU does not translate what the view has for it, or there is none.</summary>
    GuestIommu,

    /// <summary>The guest's memory is more than this process may lock.</summary>
    LockedMemory,

    /// <summary>The kernel refused; the errno says how.</summary>
    Kernel,

    /// <summary>The caller took the command back.</summary>
    Abandoned,

    /// <summary>Something in here failed; what was begun is undone.</summary>
    Fault,
}
