using Vmm.Iommu.Results;

namespace Vmm.Testing.Emulation.Iommufd;

/// <content>Page tables: made, filled, joined, moved between and let go.</content>
internal sealed partial class IommufdContext
{
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

    /// <summary>What the driver of the IOMMU says; KERNEL: but for AMD's, a table whose faults somebody handles needs devices that can fault.</summary>
    private static Errno Accept(HwptObject table, IommufdGroup group) =>
        table is { Faults: not null, Unit.Kind: not IommuKind.AmdVi } ? Errno.ENODEV
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
