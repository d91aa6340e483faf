using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Type1;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>Legacy containers: groups are opened by their nodes and put into type1 containers.</summary>
internal sealed class Type1Backend(IDevices devices) : IContainerBackend
{
    /// <inheritdoc/>
    public string Kind => "type1";

    /// <inheritdoc/>
    public bool TakesBarsByFile => false;

    /// <inheritdoc/>
    public bool TryOpenMember(
        IommuGroup group,
        HostDevice device,
        [NotNullWhen(true)] out IContainerMember? member,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        var isOpen = VfioGroup.TryOpen(devices, group.Id.Value, out var opened, out refusal);
        member = opened;
        return isOpen;
    }

    /// <inheritdoc/>
    public SysResult CloseMember(IContainerMember member) => member.Close();

    /// <inheritdoc/>
    public ContainerProbe Probe(IommuGroup group, HostDevice device) => Type1Probe.Query(devices, group.Id.Value);

    /// <inheritdoc/>
    public bool TryOpenContainer(
        IContainerMember first,
        bool asQemu,
        [NotNullWhen(true)] out IDmaContainer? container,
        [NotNullWhen(true)] out ContainerInfo? info,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        var isOpen = Type1Container.TryOpen(devices, (VfioGroup)first, out var opened, out refusal, undoesByClosing: asQemu);
        (container, info) = (opened, opened?.InfoAtOpen);
        return isOpen;
    }
}
