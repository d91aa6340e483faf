using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>By which of the kernel's paths a VM's devices are opened and its containers made. One for all of a VM; thread-safe.</summary>
internal interface IContainerBackend
{
    /// <summary>As plans name it, such as <c>type1</c>.</summary>
    string Kind { get; }

    /// <summary>True when a BAR is mapped by its dma-buf alone.</summary>
    bool TakesBarsByFile { get; }

    /// <summary>Opens what a container takes in for a device.</summary>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device.</param>
    /// <param name="member">What a container takes in; the caller has it closed by <see cref="CloseMember"/>.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    bool TryOpenMember(
        IommuGroup group,
        HostDevice device,
        [NotNullWhen(true)] out IContainerMember? member,
        [NotNullWhen(false)] out ContainerRefusal? refusal);

    /// <summary>Closes a member, and what is open for members when it was the last.</summary>
    /// <param name="member">The member; in no container.</param>
    SysResult CloseMember(IContainerMember member);

    /// <summary>
    /// Asks the kernel what a device allows, by an empty container: opened, asked and undone at once. Nothing is mapped and
    /// nothing pinned. While it runs nobody else can open the device.
    /// </summary>
    /// <param name="group">The device's group.</param>
    /// <param name="device">The device.</param>
    ContainerProbe Probe(IommuGroup group, HostDevice device);

    /// <summary>Opens a container with its first member inside and nothing mapped.</summary>
    /// <param name="first">The first member; stays the caller's.</param>
    /// <param name="asQemu">QEMU: true to make its calls where ours would differ.</param>
    /// <param name="container">The container; the caller detaches and closes.</param>
    /// <param name="info">What holds in it.</param>
    /// <param name="refusal">Why not; the member is outside and nothing is left open.</param>
    bool TryOpenContainer(
        IContainerMember first,
        bool asQemu,
        [NotNullWhen(true)] out IDmaContainer? container,
        [NotNullWhen(true)] out ContainerInfo? info,
        [NotNullWhen(false)] out ContainerRefusal? refusal);
}
