using Vmm.Iommu.Containers;

namespace Vmm.Actors.AddressSpaces;

/// <summary>An attached device.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Group">Its group.</param>
/// <param name="Container">The container it is in.</param>
/// <param name="Hardware">The open device.</param>
internal sealed record BindingEntry(string Device, int Group, int Container, AssignedDevice Hardware);
