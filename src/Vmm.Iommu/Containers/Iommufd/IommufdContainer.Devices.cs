using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Iommu.Containers.Iommufd;

/// <content>Devices and their page tables, and the end.</content>
public sealed partial class IommufdContainer
{
    private readonly List<IommufdPageTable> _tables = [];

    /// <summary>Where mediated devices are: they read the IOAS itself.</summary>
    private readonly IommufdPageTable _direct;

    /// <summary>Ids of the page tables, in the order in which a newcomer tries them.</summary>
    public IReadOnlyList<uint> PageTables => [.. _tables.Select(table => table.Id)];

    /// <summary>Without those that could not be destroyed when their last device left.</summary>
    private IEnumerable<IommufdPageTable> TablesInUse => _tables.Where(table => table.Users.Count > 0);

    /// <inheritdoc/>
    /// <remarks>
    /// QEMU: a device tries each page table in order, where EINVAL is "does not suit, try the next" and any other errno the end; then
    /// it gets one of its own.
    /// </remarks>
    public SysResult Attach(IContainerMember member)
    {
        var device = DeviceOf(member);
        if (device.AttachedTo is not null)
        {
            return Errno.EINVAL;
        }

        var attached = Place(device, out var table);
        if (attached.IsOk)
        {
            table?.Users.Add(device);
            return attached;
        }

        // A call may fail after its effect: KERNEL: a detach of what is not attached is a success. What it answers changes nothing in the
        // refusal: the device is the caller's to close, which is the last word.
        device.Detach();
        DestroyUnusedTables();
        return attached;
    }

    /// <summary>
    /// Takes a device over from another container without a moment in which it reaches nothing. KERNEL: every device of its group moves with it.
    /// </summary>
    /// <param name="device">A device inside <paramref name="from"/>.</param>
    /// <param name="from">A container of the same context.</param>
    /// <returns>As <see cref="Attach"/>; after a refusal all stay where they were.</returns>
    /// <exception cref="ArgumentException">The device is bound to another context, or is not inside <paramref name="from"/>.</exception>
    public SysResult Replace(IommufdDevice device, IommufdContainer from)
    {
        ArgumentNullException.ThrowIfNull(from);
        DeviceOf(device);
        var old = from.TableOf(device) ?? throw new ArgumentException($"{device} is not in {from}.", nameof(device));
        if (from == this)
        {
            return SysResult.Ok;
        }

        var placed = Place(device, out var table);
        if (!placed.IsOk || table is null)
        {
            DestroyUnusedTables();
            return placed;
        }

        foreach (var moved in old.Users.Where(user => user == device || (!user.IsMediated && user.Group == device.Group)).ToList())
        {
            old.Users.Remove(moved);
            table.Users.Add(moved);
            moved.MovedTo(table.Id);
        }

        from.DestroyUnusedTables();
        return placed;
    }

    /// <inheritdoc/>
    /// <remarks>A page table that nobody uses any more is destroyed; one that cannot be is tried again at the next chance.</remarks>
    public SysResult Detach(IContainerMember member)
    {
        var device = DeviceOf(member);
        var detached = TakeOut(device);
        if (detached.IsOk)
        {
            TableOf(device)?.Users.Remove(device);
            DestroyUnusedTables();
        }

        return detached;
    }

    /// <inheritdoc/>
    public SysResult Close()
    {
        if (_isClosed)
        {
            return SysResult.Ok;
        }

        var first = TakeOutAll();
        var unused = DestroyUnusedTables();

        // Asked twice where it fails: who closes has nobody to ask again.
        var destroyed = IommufdCalls.Destroy(_devices, Descriptor, Ioas);
        destroyed = destroyed.IsOk ? destroyed : IommufdCalls.Destroy(_devices, Descriptor, Ioas);

        // With the context all of it is gone, and an IOAS that is not there is destroyed already.
        _isClosed = destroyed.IsOk || destroyed.Errno == Errno.ENOENT || _context.IsClosed;
        return _isClosed ? SysResult.Ok : !first.IsOk ? first : !unused.IsOk ? unused : destroyed;
    }

    private SysResult TakeOutAll()
    {
        var first = SysResult.Ok;
        foreach (var table in _tables.Append(_direct))
        {
            foreach (var device in table.Users.ToList())
            {
                var detached = TakeOut(device);
                first = first.IsOk ? detached : first;
                if (detached.IsOk)
                {
                    table.Users.Remove(device);
                }
            }
        }

        return first;
    }

    /// <summary>A device that its owner has closed is out already.</summary>
    private static SysResult TakeOut(IommufdDevice device) => device.Descriptor < 0 ? SysResult.Ok : device.Detach();

    private SysResult Place(IommufdDevice device, out IommufdPageTable? table)
    {
        if (device.IsMediated)
        {
            table = _direct;
            return _isTracking ? Errno.EOPNOTSUPP : device.Attach(Ioas);
        }

        foreach (var candidate in TablesInUse)
        {
            var attached = device.Attach(candidate.Id);
            if (attached.IsOk || attached.Errno != Errno.EINVAL)
            {
                table = candidate;
                return attached;
            }
        }

        return PlaceAlone(device, out table);
    }

    /// <summary>A page table of its own; after a refusal it stays, unused, for the caller to destroy.</summary>
    private SysResult PlaceAlone(IommufdDevice device, out IommufdPageTable? table)
    {
        table = null;
        var info = IommufdCalls.GetHwInfo(_devices, Descriptor, device.Id);
        if (!info.IsOk)
        {
            return info.Errno;
        }

        var flags = info.Value.HasDirtyTracking ? IommufdUapi.HwptDirtyTracking : 0;
        var allocated = IommufdCalls.HwptAlloc(_devices, Descriptor, flags, device.Id, Ioas, out var id);
        if (id != 0)
        {
            table = new IommufdPageTable(id, info.Value.HasDirtyTracking);
            _tables.Add(table);
        }

        if (!allocated.IsOk)
        {
            return allocated;
        }

        var tracking = _isTracking ? IommufdCalls.HwptSetDirtyTracking(_devices, Descriptor, id, isOn: true) : SysResult.Ok;
        return tracking.IsOk ? device.Attach(id) : tracking;
    }

    private SysResult DestroyUnusedTables()
    {
        var first = SysResult.Ok;
        foreach (var table in _tables.Where(table => table.Users.Count == 0).ToList())
        {
            var destroyed = IommufdCalls.Destroy(_devices, Descriptor, table.Id);
            if (destroyed.IsOk || destroyed.Errno == Errno.ENOENT)
            {
                _tables.Remove(table);
            }

            first = first.IsOk ? destroyed : first;
        }

        return first;
    }

    private IommufdPageTable? TableOf(IommufdDevice device) => _tables.Append(_direct).FirstOrDefault(table => table.Users.Contains(device));

    private IommufdDevice DeviceOf(IContainerMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member is IommufdDevice device && device.Context == _context
            ? device
            : throw new ArgumentException($"{member.Name} is not bound to {_context}.", nameof(member));
    }
}
