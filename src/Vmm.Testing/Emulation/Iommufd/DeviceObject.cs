namespace Vmm.Testing.Emulation.Iommufd;

/// <summary>A physical device that is bound to an iommufd. Its driver uses the object, so DESTROY is always EBUSY.</summary>
internal sealed class DeviceObject : IommufdObject
{
    public DeviceObject(EmulatedDevice device, IommufdGroup group)
    {
        (Device, Group) = (device, group);
        Users = 1;
    }

    public EmulatedDevice Device { get; }

    public IommufdGroup Group { get; }

    /// <summary>True between its own ATTACH and DETACH; DMA of the whole group follows the first attached device.</summary>
    public bool IsAttached => Group.Attached.Contains(this);
}
