namespace Vmm.Testing.Recordings;

/// <summary>How a recorded descriptor came to be.</summary>
internal enum OpenedBy
{
    /// <summary>It was open before, or never.</summary>
    Nobody,

    /// <summary>A node of VFIO or what such a node gave out, or an eventfd.</summary>
    Devices,

    /// <summary>A memfd.</summary>
    Memory,

    /// <summary>Something that the emulated kernel has not: a node of another driver, a listener to uevents.</summary>
    Elsewhere,
}
