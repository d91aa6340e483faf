using System.Diagnostics.CodeAnalysis;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers;

/// <summary>
/// An open group node. Linux lets one process have it open. Closing it frees nothing while a device that came from it is open.
/// Not thread-safe; its owner opens and closes it, the container's turn sets and unsets its container.
/// </summary>
public sealed class VfioGroup : IContainerMember
{
    private readonly IDevices _devices;
    private readonly OwnedFd _fd;

    private VfioGroup(IDevices devices, int number, OwnedFd fd)
    {
        _devices = devices;
        Number = number;
        _fd = fd;
    }

    /// <summary>The IOMMU group's number.</summary>
    public int Number { get; }

    /// <inheritdoc/>
    public string Name => $"group {Number}";

    /// <inheritdoc/>
    public int Group => Number;

    /// <inheritdoc/>
    public bool KeepsDevice => false;

    /// <summary>The node, such as <c>/dev/vfio/6</c>.</summary>
    public string Path => _fd.Path;

    /// <summary>The descriptor; -1 once closed.</summary>
    public int Descriptor => _fd.Number;

    /// <summary>True while it is in a container.</summary>
    public bool HasContainer { get; private set; }

    /// <summary>Opens a group that is viable.</summary>
    /// <param name="devices">Which kernel.</param>
    /// <param name="number">The IOMMU group's number; not negative.</param>
    /// <param name="group">The group; the caller closes it.</param>
    /// <param name="refusal">Why not; nothing is left open.</param>
    /// <param name="hasNoIommu">True for a group without an IOMMU, whose node is <c>/dev/vfio/noiommu-6</c>.</param>
    public static bool TryOpen(
        IDevices devices,
        int number,
        [NotNullWhen(true)] out VfioGroup? group,
        [NotNullWhen(false)] out ContainerRefusal? refusal,
        bool hasNoIommu = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        group = null;
        var path = $"/dev/vfio/{(hasNoIommu ? "noiommu-" : "")}{number}";
        var opened = OwnedFd.Open(devices, "group", path);
        if (!opened.IsOk)
        {
            refusal = new ContainerRefusal("open", path, opened.Errno, VfioCures.Open(path, opened.Errno));
            return false;
        }

        var candidate = new VfioGroup(devices, number, opened.Value);
        refusal = candidate.RefuseUnlessViable();
        if (refusal is not null)
        {
            refusal = refusal.AfterUndo("close", candidate.Close());
            return false;
        }

        group = candidate;
        return true;
    }

    /// <summary>Asks for the group's status.</summary>
    /// <returns>ENODEV when the IOMMU group is gone.</returns>
    public SysResult<VfioGroupStatus> GetStatus()
    {
        var flags = VfioCalls.GroupGetStatus(_devices, Descriptor);
        return flags.IsOk ? VfioGroupStatus.Of(flags.Value) : flags.Errno;
    }

    /// <summary>Puts the group into a container.</summary>
    /// <param name="container">The container's descriptor.</param>
    public SysResult SetContainer(int container)
    {
        var set = VfioCalls.GroupSetContainer(_devices, Descriptor, container);
        HasContainer |= set.IsOk;
        return set;
    }

    /// <summary>Takes the group out of its container.</summary>
    /// <returns>EBUSY while a device of it is open.</returns>
    public SysResult UnsetContainer()
    {
        var unset = VfioCalls.GroupUnsetContainer(_devices, Descriptor);
        HasContainer &= !unset.IsOk;
        return unset;
    }

    /// <inheritdoc/>
    public SysResult<bool> GetIsInside()
    {
        var status = GetStatus();
        return status.IsOk ? status.Value.HasContainer : status.Errno;
    }

    /// <summary>Opens a device of the group, which must be in a container with a backend.</summary>
    /// <param name="name">The device's name, such as <c>0000:06:0d.0</c>, with <c> vf_token=UUID</c> where one is needed.</param>
    /// <returns>The descriptor; the caller closes it.</returns>
    public SysResult<OwnedFd> GetDevice(string name)
    {
        var given = VfioCalls.GroupGetDeviceFd(_devices, Descriptor, name);
        return given.IsOk ? new OwnedFd(_devices, given.Descriptor, "device", name) : given.Errno;
    }

    /// <summary>Closes the node, once.</summary>
    public SysResult Close() => _fd.Close();

    /// <summary>The group's number, and its node.</summary>
    public override string ToString() => $"{Name} ({_fd})";

    private ContainerRefusal? RefuseUnlessViable()
    {
        var status = GetStatus();
        if (!status.IsOk)
        {
            return new ContainerRefusal("VFIO_GROUP_GET_STATUS", Path, status.Errno, $"failed to get group {Number} status.");
        }

        return status.Value.IsViable
            ? null
            : new ContainerRefusal(
                "VFIO_GROUP_GET_STATUS",
                Path,
                Errno.None,
                $"group {Number} is not viable. Please ensure all devices within the iommu_group are bound to their vfio bus driver.");
    }
}
