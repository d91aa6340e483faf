using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Iommu.Containers.Iommufd;

/// <summary>
/// A device bound to an iommufd by a node of its own. The descriptor is the device: it is bound for as long as it is open, and closing it
/// takes the device out of its container as well. Not thread-safe; its owner opens and closes it, the container's turn attaches it.
/// </summary>
public sealed class IommufdDevice : IContainerMember
{
    /// <summary>The directory of the nodes.</summary>
    public const string Nodes = "/dev/vfio/devices";

    private readonly IDevices _devices;
    private readonly OwnedFd _fd;
    private readonly IommufdDeviceIdentity _identity;

    private IommufdDevice(IDevices devices, IommufdContext context, OwnedFd fd, IommufdDeviceIdentity identity, uint id)
    {
        _devices = devices;
        _fd = fd;
        _identity = identity;
        Context = context;
        Id = id;
    }

    /// <inheritdoc/>
    public string Name => _identity.Name;

    /// <inheritdoc/>
    public int Group => _identity.Group;

    /// <inheritdoc/>
    public bool KeepsDevice => true;

    /// <summary>True for a device without an IOMMU of its own: it has no page table, and the kernel pins what its driver asks for.</summary>
    public bool IsMediated => _identity.IsMediated;

    /// <summary>What it is bound to.</summary>
    public IommufdContext Context { get; }

    /// <summary>Its id there.</summary>
    public uint Id { get; }

    /// <summary>The descriptor; -1 once closed.</summary>
    public int Descriptor => _fd.Number;

    /// <summary>Id of the page table that it has, of a mediated device the IOAS; null while it is in no container.</summary>
    public uint? AttachedTo { get; private set; }

    /// <summary>Opens a device of the host by the node that sysfs names, and binds it.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="context">The VM's iommufd.</param>
    /// <param name="host">The device, as sysfs shows it.</param>
    /// <param name="token">The token that a virtual function shares with its physical one; null for none.</param>
    /// <param name="device">The device; the caller closes it.</param>
    /// <param name="refusal">Why not; nothing is left open or bound.</param>
    public static bool TryOpen(
        IDevices devices,
        IommufdContext context,
        HostDevice host,
        Guid? token,
        [NotNullWhen(true)] out IommufdDevice? device,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(host);
        device = null;
        if (host.VfioDevice is null || host.Group is not { } group)
        {
            refusal = IommufdWords.NoNode(host);
            return false;
        }

        var path = $"{Nodes}/{host.VfioDevice}";
        var opened = devices.Open(path);
        if (!opened.IsOk)
        {
            refusal = IommufdWords.OpenDevice(host.Name, path, opened.Errno);
            return false;
        }

        var fd = new OwnedFd(devices, opened.Descriptor, "device", host.Name);
        var identity = new IommufdDeviceIdentity(host.Name, group.Value, host.IsMediated);
        if (TryBind(devices, context, fd, path, identity, token, out device, out refusal))
        {
            return true;
        }

        refusal = refusal.AfterUndo("close", fd.Close());
        return false;
    }

    /// <summary>Takes over a descriptor that was passed in, and binds it, which tells whether it is a device's.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="proc">Where a descriptor that is something else shows what.</param>
    /// <param name="context">The VM's iommufd.</param>
    /// <param name="descriptor">The descriptor of the device's own node; not negative. Stays the caller's where this fails.</param>
    /// <param name="identity">Which device it is.</param>
    /// <param name="token">The token that a virtual function shares with its physical one; null for none.</param>
    /// <param name="device">The device; the caller closes it.</param>
    /// <param name="refusal">Why not; the descriptor is open as before.</param>
    public static bool TryAdopt(
        IDevices devices,
        IProc proc,
        IommufdContext context,
        int descriptor,
        IommufdDeviceIdentity identity,
        Guid? token,
        [NotNullWhen(true)] out IommufdDevice? device,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(identity);
        var fd = new OwnedFd(devices, descriptor, "device", identity.Name);
        return TryBind(devices, context, fd, PassedDescriptor.Describe(proc, descriptor), identity, token, out device, out refusal);
    }

    /// <summary>Whether it is in a container. The kernel has no such question: what its calls answered last.</summary>
    public SysResult<bool> GetIsInside() => AttachedTo is not null;

    /// <inheritdoc/>
    /// <returns>Its own descriptor, which <see cref="Close"/> closes; ENODEV for another name.</returns>
    public SysResult<OwnedFd> GetDevice(string name) => name == Name || name.StartsWith($"{Name} ", StringComparison.Ordinal) ? _fd : Errno.ENODEV;

    /// <summary>Closes the device, once: it leaves its container, and is bound no more.</summary>
    public SysResult Close()
    {
        var closed = _fd.Close();
        AttachedTo = null;
        return closed;
    }

    /// <summary>Name and descriptor.</summary>
    public override string ToString() => _fd.ToString();

    /// <summary>Gives it a page table, or in place of the one that it has another, which moves its whole group.</summary>
    /// <param name="id">Id of a page table; of a mediated device the IOAS.</param>
    internal SysResult Attach(uint id)
    {
        var attached = VfioCalls.DeviceAttachIommufdPt(_devices, Descriptor, id, out var now);
        if (!attached.IsOk)
        {
            return attached;
        }

        AttachedTo = id;
        return now == id ? attached : Errno.EPROTO;
    }

    internal SysResult Detach()
    {
        var detached = VfioCalls.DeviceDetachIommufdPt(_devices, Descriptor);
        AttachedTo = detached.IsOk ? null : AttachedTo;
        return detached;
    }

    /// <summary>Notes where the kernel moved it, along with another device of its group.</summary>
    internal void MovedTo(uint id) => AttachedTo = id;

    private static bool TryBind(
        IDevices devices,
        IommufdContext context,
        OwnedFd fd,
        string target,
        IommufdDeviceIdentity identity,
        Guid? token,
        [NotNullWhen(true)] out IommufdDevice? device,
        [NotNullWhen(false)] out ContainerRefusal? refusal)
    {
        var bound = VfioCalls.DeviceBindIommufd(devices, fd.Number, context.Descriptor, token, out var id);
        device = bound.IsOk ? new IommufdDevice(devices, context, fd, identity, id) : null;
        refusal = bound.IsOk ? null : IommufdWords.Bind(identity, target, token, bound.Errno);
        return bound.IsOk;
    }
}
