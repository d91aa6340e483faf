using Vmm.Iommu.Topology;
using Vmm.Lab.Histories;

namespace Vmm.Lab.Machine;

/// <summary>A machine as its kernel shows it: enough to build an emulated one that answers alike.</summary>
/// <param name="Topology">What sysfs says.</param>
/// <param name="Shape">What histories name.</param>
/// <param name="Space">What the IOMMU is like.</param>
/// <param name="Devices">What the devices are like, by name; those that could be opened.</param>
/// <param name="AllowsUnsafeNoIommu">vfio.enable_unsafe_noiommu_mode.</param>
/// <param name="AllowsUnsafeInterrupts">vfio_iommu_type1.allow_unsafe_interrupts.</param>
internal sealed record MachineDescription(
    HostTopology Topology,
    MachineShape Shape,
    SpaceFacts Space,
    IReadOnlyDictionary<string, DeviceFacts> Devices,
    bool AllowsUnsafeNoIommu,
    bool AllowsUnsafeInterrupts);
