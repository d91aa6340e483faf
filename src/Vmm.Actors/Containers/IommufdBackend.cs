using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Containers;
using Vmm.Iommu.Containers.Iommufd;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Actors.Containers;

/// <summary>iommufd: devices are opened by their own nodes and bound to the VM's one /dev/iommu, which is open while a device is bound.</summary>
internal sealed class IommufdBackend(IDevices devices) : IContainerBackend
{
    private readonly Lock _gate = new();
    private readonly HashSet<IContainerMember> _bound = [];
    private IommufdContext? _context;

    /// <inheritdoc/>
    public string Kind => "iommufd";

    /// <inheritdoc/>
    public bool TakesBarsByFile => true;

    /// <inheritdoc/>
    public bool TryOpenMember(
        IommuGroup group,
        HostDevice device,
        [NotNullWhen(true)] out IContainerMember? member,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        lock (_gate)
        {
            member = null;
            if (_context is null && !IommufdContext.TryOpen(devices, out _context, out refusal))
            {
                return false;
            }

            if (IommufdDevice.TryOpen(devices, _context, device, token: null, out var opened, out refusal))
            {
                member = opened;
                _bound.Add(opened);
                return true;
            }

            refusal = refusal.AfterUndo("close", CloseUnused());
            return false;
        }
    }

    /// <inheritdoc/>
    public SysResult CloseMember(IContainerMember member)
    {
        lock (_gate)
        {
            var closed = member.Close();
            _bound.Remove(member);
            var unused = CloseUnused();
            return closed.IsOk ? unused : closed;
        }
    }

    /// <inheritdoc/>
    public ContainerProbe Probe(IommuGroup group, HostDevice device) => IommufdProbe.Query(devices, device);

    /// <inheritdoc/>
    public bool TryOpenContainer(
        IContainerMember first,
        bool asQemu,
        [NotNullWhen(true)] out IDmaContainer? container,
        [NotNullWhen(true)] out ContainerInfo? info,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        var isOpen = IommufdContainer.TryOpen(devices, (IommufdDevice)first, out var opened, out refusal, mapsByFile: !asQemu);
        (container, info) = (opened, opened?.InfoAtOpen);
        return isOpen;
    }

    private SysResult CloseUnused()
    {
        if (_bound.Count > 0 || _context is not { } unused)
        {
            return SysResult.Ok;
        }

        _context = null;
        return unused.Close();
    }
}
