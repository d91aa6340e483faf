namespace Vmm.Testing.Emulation;

/// <summary>What lies behind a process address, as the kernel would find it when it pins.</summary>
public enum AddressKind
{
    /// <summary>Writable pages: pinned and charged.</summary>
    Ram,

    /// <summary>Pages that may only be read: pinning for writing is EFAULT.</summary>
    ReadOnly,

    /// <summary>A raw mapping of device memory (VM_PFNMAP), such as a BAR: mapped, never charged.</summary>
    PfnMap,

    /// <summary>An address without pages that can be had: EFAULT when it is pinned, and not before.</summary>
    Absent,
}
