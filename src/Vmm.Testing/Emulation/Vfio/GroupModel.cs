using Vmm.Testing.Emulation.Iommufd;

namespace Vmm.Testing.Emulation.Vfio;

/// <summary>What VFIO makes of an IOMMU group while a member is bound to a vfio driver.</summary>
internal sealed class GroupModel(EmulatedGroup host, int minor)
{
    public EmulatedGroup Host => host;

    /// <summary>Minor number of the node: the lowest free one, not the group's number.</summary>
    public int Minor => minor;

    /// <summary>Members bound to a vfio driver.</summary>
    public List<EmulatedDevice> Members { get; } = [];

    /// <summary>Its one open file, or null.</summary>
    public GroupFile? Opened { get; set; }

    public ContainerModel? Container { get; set; }

    /// <summary>The iommufd that stands for its container, or null.</summary>
    public IommufdContext? Iommufd { get; set; }

    /// <summary>True in a container, and with an iommufd for one.</summary>
    public bool HasContainer => Container is not null || Iommufd is not null;

    /// <summary>Members bound to an iommufd by their own nodes; while there are any, the group cannot be opened.</summary>
    public int BoundCdevs { get; set; }

    /// <summary>Members that user space has open.</summary>
    public int OpenDevices { get; set; }

    /// <summary>True after the last member left its vfio driver: an open file is all that remains.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Out of the container, where it is in one.</summary>
    public void Detach()
    {
        Container?.Detach(this);
        Container = null;
        Iommufd?.Put();
        Iommufd = null;
    }

    public void LeaveHost()
    {
        // KERNEL: an iommufd stays with the open file; it holds nothing of the group.
        Container?.Detach(this);
        Container = null;
        IsGone = true;
    }
}
