using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <content>Devices: bound, attached and let go.</content>
internal sealed partial class IommufdContext
{
    /// <summary>Takes a device: the DMA of its group is the iommufd's from now on, and blocked until it is attached.</summary>
    /// <param name="device">A device with a vfio driver that nobody has bound.</param>
    /// <param name="bound">The object that stands for it.</param>
    public Errno Bind(EmulatedDevice device, out IommufdObject bound)
    {
        bound = new AccessObject();
        if (!device.IsMediated)
        {
            var refused = ClaimGroup(device);
            if (!refused.IsNone)
            {
                return refused;
            }

            var group = _groups[device.Group!];
            group.Bound++;
            bound = new DeviceObject(device, group);
        }

        Objects.Add(bound);
        Get();
        return Errno.None;
    }

    /// <summary>Lets a device go: detached, without an id, its group free when it was the last one of it.</summary>
    public void Unbind(IommufdObject bound)
    {
        Detach(bound);
        Objects.Drop(bound);
        if (bound is DeviceObject { Group: var group } && --group.Bound == 0)
        {
            _groups.Remove(group.Host);
            group.Host.Owner = null;
            group.Host.Iommufd = null;
        }

        Put();
    }

    /// <summary>ATTACH: to an IOAS, or for a physical device to a page table. An attached device is moved, and with it its group.</summary>
    /// <param name="bound">The device.</param>
    /// <param name="id">Id of the target; of a physical device's page table on return.</param>
    public Errno Attach(IommufdObject bound, ref uint id)
    {
        if (bound is AccessObject access)
        {
            return Objects.Find<IoasObject>(id) is { } own ? Use(access, own) : Errno.ENOENT;
        }

        var device = (DeviceObject)bound;
        return Objects.Find<IommufdObject>(id) switch
        {
            null => Errno.ENOENT,
            HwptObject table => Change(device, table),
            IoasObject ioas => ChangeToAuto(device, ioas, ref id),
            _ => Errno.EINVAL,
        };
    }

    /// <summary>DETACH; nothing for a device that is not attached.</summary>
    public void Detach(IommufdObject bound)
    {
        if (bound is AccessObject { Ioas: { } ioas } access)
        {
            access.Ioas = null;
            ioas.Model.RemoveUser();
            ioas.Users--;
        }

        if (bound is DeviceObject { IsAttached: true } device)
        {
            Leave(device);
        }
    }

    private static Errno Use(AccessObject access, IoasObject ioas)
    {
        if (access.Ioas == ioas)
        {
            return Errno.None;
        }

        var refused = ioas.Model.AddUser();
        if (!refused.IsNone)
        {
            return refused;
        }

        ioas.Users++;
        if (access.Ioas is { } old)
        {
            old.Model.RemoveUser();
            old.Users--;
        }

        access.Ioas = ioas;
        return Errno.None;
    }

    private Errno ClaimGroup(EmulatedDevice device)
    {
        // KERNEL: a device without an IOMMU cannot promise cache coherency.
        if (device.Group is not { Unit: { } unit } group)
        {
            return Errno.EINVAL;
        }

        if (!unit.HasIsolatedMsi && !_kernel.Options.AllowUnsafeInterruptsOfIommufd)
        {
            return Errno.EPERM;
        }

        if (ReferenceEquals(group.Owner, this))
        {
            return Errno.None;
        }

        if (!group.IsViable)
        {
            return Errno.EPERM;
        }

        if (group.NeedsDirectMapping)
        {
            return Errno.EINVAL;
        }

        group.Owner = this;
        group.Iommufd = _groups[group] = new IommufdGroup(group);
        return Errno.None;
    }
}
