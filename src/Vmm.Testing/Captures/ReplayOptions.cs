using Vmm.Iommu.Planning;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Captures;

/// <summary>How a capture is replayed.</summary>
public sealed record ReplayOptions
{
    /// <summary>The host; its devices that the capture attaches are bound to vfio-pci. It carries one replay.</summary>
    public required EmulatedHost Host { get; init; }

    /// <summary>In mode qemu every call and refusal is compared with the capture's; in mode steady only which devices are refused.</summary>
    public MappingPlanMode Mode { get; init; } = MappingPlanMode.Qemu;

    /// <summary>Called with each step as it is done.</summary>
    public Action<ReplayStep>? Observer { get; init; }
}
