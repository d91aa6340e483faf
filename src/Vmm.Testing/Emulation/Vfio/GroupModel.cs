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

    /// <summary>Members that user space has open.</summary>
    public int OpenDevices { get; set; }

    /// <summary>True after the last member left its vfio driver: an open file is all that remains.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Out of the container, where it is in one.</summary>
    public void Detach()
    {
        Container?.Detach(this);
        Container = null;
    }

    public void LeaveHost()
    {
        Detach();
        IsGone = true;
    }
}
