using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

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

    /// <summary>A page table for an IOAS, filled with its mappings, with an id.</summary>
    public SysResult<HwptObject> NewTable(IoasObject ioas, IommuUnit unit, bool tracksDirty)
    {
        if (unit.AllocateDomain() is { IsNone: false } refused)
        {
            return refused;
        }

        var table = new HwptObject(ioas, unit, isAuto: false) { TracksDirty = tracksDirty };
        Objects.Add(table);
        var filled = Fill(table);
        return filled.IsNone ? table : filled;
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

    private Errno Change(DeviceObject device, HwptObject table) => device.IsAttached ? Move(device, table) : Join(device, table);

    private Errno ChangeToAuto(DeviceObject device, IoasObject ioas, ref uint id)
    {
        // KERNEL: any page table that was made this way will do, if it takes the device; one that the user made never.
        foreach (var known in ioas.PageTables.Where(known => known.IsAuto).ToList())
        {
            var outcome = Change(device, known);
            if (outcome != Errno.EINVAL)
            {
                id = outcome.IsNone ? known.Id : id;
                return outcome;
            }
        }

        if (device.Group.Unit.AllocateDomain() is { IsNone: false } unmade)
        {
            return unmade;
        }

        var table = new HwptObject(ioas, device.Group.Unit, isAuto: true);
        Objects.Add(table);
        var refused = device.IsAttached ? FillThenMove(device, table) : JoinThenFill(device, table);
        id = refused.IsNone ? table.Id : id;
        return refused;
    }

    private Errno JoinThenFill(DeviceObject device, HwptObject table)
    {
        // KERNEL: reserved regions are tested before a page is pinned; an aperture or a bad address only after.
        var refused = Join(device, table);
        if (!refused.IsNone)
        {
            Objects.Drop(table);
            return refused;
        }

        refused = Fill(table);
        if (!refused.IsNone)
        {
            Withdraw(device);
        }

        return refused;
    }

    private Errno FillThenMove(DeviceObject device, HwptObject table)
    {
        var refused = Fill(table);
        if (refused.IsNone)
        {
            refused = Move(device, table);
            if (!refused.IsNone)
            {
                Objects.Destroy(table.Id);
            }
        }

        return refused;
    }

    /// <summary>Puts the mappings of its IOAS into a table that has an id; takes the id back where that fails.</summary>
    private Errno Fill(HwptObject table)
    {
        var refused = table.Ioas.Model.AddDomain(table.Unit, table);
        if (!refused.IsNone)
        {
            Objects.Drop(table);
            return refused;
        }

        table.Ioas.PageTables.Add(table);
        table.Ioas.Users++;
        return Errno.None;
    }

    private static Errno Join(DeviceObject device, HwptObject table)
    {
        var group = device.Group;
        if (group.PageTable is { } other && other != table)
        {
            return Errno.EINVAL;
        }

        var model = table.Ioas.Model;
        var refused = model.Reserve(device.Device.Reserved, device);
        if (!refused.IsNone)
        {
            return refused;
        }

        if (group.Attached.Count == 0)
        {
            refused = Accept(table, group);
            if (!refused.IsNone)
            {
                model.Unreserve(device);
                return refused;
            }

            group.PageTable = table;
            group.Host.EnterDomain();
        }

        table.Users++;
        group.Attached.Add(device);
        return Errno.None;
    }

    private Errno Move(DeviceObject device, HwptObject table)
    {
        var group = device.Group;
        var old = group.PageTable!;
        if (old == table)
        {
            return Errno.None;
        }

        var changesIoas = old.Ioas != table.Ioas;
        var refused = changesIoas ? ReserveAll(group, table.Ioas) : Errno.None;
        refused = refused.IsNone ? Accept(table, group) : refused;

        if (!refused.IsNone)
        {
            UnreserveAll(group, changesIoas ? table.Ioas : null);
            return refused;
        }

        UnreserveAll(group, changesIoas ? old.Ioas : null);
        group.PageTable = table;
        table.Users += group.Attached.Count;
        old.Users -= group.Attached.Count;
        Release(old);
        return Errno.None;
    }

    /// <summary>What the driver of the IOMMU says; KERNEL: a table whose faults somebody handles needs devices that can fault.</summary>
    private static Errno Accept(HwptObject table, IommufdGroup group) =>
        table.Faults is not null ? Errno.ENODEV
        : table.Unit.Accepts(group.Unit) ? Errno.None
        : Errno.EINVAL;

    private static Errno ReserveAll(IommufdGroup group, IoasObject ioas) =>
        group.Attached.Select(member => ioas.Model.Reserve(member.Device.Reserved, member)).FirstOrDefault(refused => !refused.IsNone);

    private static void UnreserveAll(IommufdGroup group, IoasObject? ioas)
    {
        foreach (var member in group.Attached)
        {
            ioas?.Model.Unreserve(member);
        }
    }

    private void Leave(DeviceObject device)
    {
        var table = Withdraw(device);
        Release(table);
    }

    private static HwptObject Withdraw(DeviceObject device)
    {
        var group = device.Group;
        var table = group.PageTable!;
        group.Attached.Remove(device);
        if (group.Attached.Count == 0)
        {
            group.PageTable = null;
        }

        table.Ioas.Model.Unreserve(device);
        table.Users--;
        return table;
    }

    /// <summary>A page table that ATTACH made goes with its last device.</summary>
    private void Release(HwptObject table)
    {
        if (table.IsAuto)
        {
            Objects.Destroy(table.Id);
        }
    }
}
