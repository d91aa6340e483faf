using Vmm.Iommu.Addressing;
using Vmm.Iommu.Containers;

namespace Vmm.Testing.Scenarios.Machines;

/// <summary>Which device accesses which memory.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Iova">Where.</param>
/// <param name="Hardware">The device, open; null when it is not attached.</param>
/// <param name="Guest">The memory as the guest's processor sees it.</param>
internal sealed record DmaTarget(string Device, Iova Iova, AssignedDevice? Hardware, IGuestSight Guest);
