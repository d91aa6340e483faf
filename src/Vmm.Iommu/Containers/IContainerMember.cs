using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>
/// What a container takes in and lets go of: a legacy group, or a device of iommufd. Its container attaches and detaches it.
/// Not thread-safe: whoever opened it hands it to the holder of the container's turn.
/// </summary>
public interface IContainerMember
{
    /// <summary>What a person calls it: <c>group 6</c>, or a device's name.</summary>
    string Name { get; }

    /// <summary>Number of its IOMMU group.</summary>
    int Group { get; }

    /// <summary>True where the device's descriptor is the member's own, which closes it; false where <see cref="GetDevice"/> gives a new one away.</summary>
    bool KeepsDevice { get; }

    /// <summary>True when a device reaches the container by this member: its own, or its group's.</summary>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device's name.</param>
    bool Carries(int group, string device) => KeepsDevice ? Name == device : Group == group;

    /// <summary>Whether it is in a container: the kernel's word, where the kernel can be asked.</summary>
    SysResult<bool> GetIsInside();

    /// <summary>The descriptor of a device; the member is in a container with a backend.</summary>
    /// <param name="name">The device's name, such as <c>0000:06:0d.0</c>, with <c> vf_token=UUID</c> where one is needed.</param>
    SysResult<OwnedFd> GetDevice(string name);

    /// <summary>Closes what was opened for it, once.</summary>
    SysResult Close();
}
