using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>By which of the kernel's paths a VM's devices are opened and its containers made. One for all of a VM; thread-safe.</summary>
internal interface IContainerBackend
{
    /// <summary>As plans name it, such as <c>type1</c>.</summary>
    string Kind { get; }

    /// <summary>Opens what a container takes in for a device.</summary>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="member">What a container takes in; the caller closes it.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    bool TryOpenMember(
        IommuGroup group,
        string device,
        [NotNullWhen(true)] out IContainerMember? member,
        [NotNullWhen(false)] out ContainerRefusal? refusal);

    /// <summary>Opens a container with its first member inside and nothing mapped.</summary>
    /// <param name="first">The first member; stays the caller's.</param>
    /// <param name="undoesByClosing">QEMU: true to undo a failure by closing alone.</param>
    /// <param name="container">The container; the caller detaches and closes.</param>
    /// <param name="info">What holds in it.</param>
    /// <param name="refusal">Why not; the member is outside and nothing is left open.</param>
    bool TryOpenContainer(
        IContainerMember first,
        bool undoesByClosing,
        [NotNullWhen(true)] out IDmaContainer? container,
        [NotNullWhen(true)] out ContainerInfo? info,
        [NotNullWhen(false)] out ContainerRefusal? refusal);
}
