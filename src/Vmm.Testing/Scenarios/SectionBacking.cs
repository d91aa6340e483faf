namespace Vmm.Testing.Scenarios;

/// <summary>What the kernel finds behind the host addresses of a section.</summary>
public enum SectionBacking
{
    /// <summary>Ordinary memory.</summary>
    Memory,

    /// <summary>Memory that this process may only read.</summary>
    ReadOnlyMemory,

    /// <summary>Device memory that the kernel can translate by its page tables alone.</summary>
    DeviceMemory,

    /// <summary>Nothing: pinning fails with EFAULT.</summary>
    Nothing,
}
