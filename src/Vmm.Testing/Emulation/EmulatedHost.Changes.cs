using Vmm.Iommu.Reserved;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

public sealed partial class EmulatedHost
{
    /// <summary>
    /// Plugs a PCI function in: it joins <paramref name="groupId"/>, which is made when it is not there, and its own driver
    /// takes it if it may. In a group that VFIO owns it joins the domain in use at once, its driver is refused without a
    /// word, and a function that needs firmware's 1:1 mapping is left without a group. On an older kernel it stays outside
    /// the domain, which is logged, and nothing keeps its driver away.
    /// </summary>
    /// <exception cref="ArgumentException">There is a device of that name already.</exception>
    public EmulatedDevice AddDevice(PciDeviceSpec spec, int groupId)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Add(spec.Name, groupId, spec.Reserved, spec.Driver, group => MakePci(spec, group));
    }

    /// <summary>Plugs a device of another bus in, as <see cref="AddDevice(PciDeviceSpec, int)"/> does a PCI function.</summary>
    /// <exception cref="ArgumentException">There is a device of that name already.</exception>
    public EmulatedDevice AddDevice(BusDeviceSpec spec, int groupId)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Add(spec.Name, groupId, spec.Reserved, spec.Driver, group => MakeOther(spec, group));
    }

    /// <summary>Plugs in a PCI function that no IOMMU serves; it has no group.</summary>
    /// <exception cref="ArgumentException">There is a device of that name already.</exception>
    public EmulatedDevice AddDeviceWithoutIommu(PciDeviceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        lock (Gate)
        {
            return _devices.ContainsKey(spec.Name)
                ? throw new ArgumentException($"The emulated host has a device {spec.Name} already.", nameof(spec))
                : PlugIn(MakePci(spec, group: null, hasIommu: false), spec.Driver);
        }
    }

    /// <summary>Makes a mediated device in a group of its own, bound to <paramref name="driver"/>.</summary>
    /// <param name="uuid">Its name.</param>
    /// <param name="driver">Its driver, such as <c>mtty</c>.</param>
    /// <param name="groupId">The group to make; the lowest free number when null.</param>
    /// <exception cref="ArgumentException">The name is no UUID or is taken, or the group is there already.</exception>
    public EmulatedDevice AddMediatedDevice(string uuid, string driver, int? groupId = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(driver);
        if (!Guid.TryParseExact(uuid, "D", out _))
        {
            throw new ArgumentException($"'{uuid}' is not a UUID of 36 characters.", nameof(uuid));
        }

        lock (Gate)
        {
            var id = groupId ?? Enumerable.Range(0, int.MaxValue).First(free => !_groups.ContainsKey(free));
            if (_devices.ContainsKey(uuid) || _groups.ContainsKey(id))
            {
                throw new ArgumentException($"The emulated host has a device {uuid} or a group {id} already.", nameof(uuid));
            }

            var device = new EmulatedDevice(uuid, "mdev", $"devices/virtual/{driver}/{driver}/{uuid}")
            {
                Group = NewGroup(id, isEmulated: true),
                NativeDriver = driver,
            };
            Register(device);
            Tree.AddBusDevice(device);
            Events.Device("add", device);
            Bind(device, driver);
            return device;
        }
    }

    /// <summary>
    /// Pulls a device out. KERNEL: a device that user space has open goes when its last descriptor is closed; until then it
    /// asks for that through its request interrupt and <see cref="EmulatedDevice.IsLeaving"/> is true.
    /// </summary>
    /// <returns>ENODEV for an unknown device; EBUSY where Linux would wait for good, after a BUG() at its bind.</returns>
    public SysResult RemoveDevice(string name)
    {
        lock (Gate)
        {
            if (!_devices.TryGetValue(name, out var device))
            {
                return Errno.ENODEV;
            }

            if (device.IsStuck)
            {
                return Errno.EBUSY;
            }

            return WhenClosed(device, () =>
            {
                Release(device);
                var group = device.Group;
                Tree.RemoveDevice(device);
                Events.Device("remove", device);
                _devices.Remove(name);
                if (group is null)
                {
                    return;
                }

                group.Remove(device);
                RefreshReserved(group);
                if (group.Devices.Count == 0)
                {
                    _groups.Remove(group.Id);
                    Tree.RemoveGroup(group);
                }
            });
        }
    }

    /// <summary>Binds a driver, whatever the device's id says.</summary>
    /// <returns>
    /// EBUSY when a driver is bound already, or the driver would use the kernel's DMA in a group that VFIO owns;
    /// EINVAL for a vfio driver and a device without a group; ENODEV for an unknown device; EIO on an older kernel, after the
    /// driver is bound in a group in use: BUG() ends the process that bound it, and the device can never be unbound.
    /// </returns>
    public SysResult BindDriver(string name, string driver)
    {
        ArgumentException.ThrowIfNullOrEmpty(driver);
        lock (Gate)
        {
            return _devices.TryGetValue(name, out var device) ? Bind(device, driver) : Errno.ENODEV;
        }
    }

    /// <summary>Takes the driver off; waits as <see cref="RemoveDevice"/> does. ENODEV without a device or driver.</summary>
    public SysResult UnbindDriver(string name)
    {
        lock (Gate)
        {
            return !_devices.TryGetValue(name, out var device) || device.Driver is null ? Errno.ENODEV
                : device.IsStuck ? Errno.EBUSY
                : WhenClosed(device, () => Release(device));
        }
    }

    /// <summary>Gives a device to vfio-pci as a user does: off its driver, override, probe.</summary>
    /// <returns>The first refusal.</returns>
    public SysResult BindToVfio(string name)
    {
        lock (Gate)
        {
            if (!_devices.TryGetValue(name, out var device))
            {
                return Errno.ENODEV;
            }

            if (device.Driver is { } bound)
            {
                if (Drivers.IsVfio(bound))
                {
                    return SysResult.Ok;
                }

                if (device.IsStuck)
                {
                    return Errno.EBUSY;
                }

                Release(device);
            }

            SetOverride(device, "vfio-pci");
            return Bind(device, "vfio-pci");
        }
    }

    /// <summary>Replaces what firmware and IOMMU reserve for a group. Containers that hold the group are not told.</summary>
    /// <exception cref="ArgumentException">There is no such group, or it is an emulated one.</exception>
    public void SetReservedRegions(int groupId, params IReadOnlyList<ReservedRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        lock (Gate)
        {
            var group = Group(groupId);
            if (group.IsEmulated || group.Devices.Count == 0)
            {
                throw new ArgumentException($"Group {groupId} has no IOMMU or no devices: nothing can be reserved for it.", nameof(groupId));
            }

            // Which member brings which is not told: an interrupt window comes with each, and to the rest it makes no difference.
            foreach (var device in group.Devices)
            {
                device.Reserved = regions;
            }

            RefreshReserved(group);
        }
    }

    internal void SetOverride(EmulatedDevice device, string? driver)
    {
        device.DriverOverride = driver;
        Tree.ShowOverride(device);
    }

    private static int LowestFree(IEnumerable<int> taken)
    {
        var used = taken.ToHashSet();
        return Enumerable.Range(0, int.MaxValue).First(free => !used.Contains(free));
    }

    private static SysResult WhenClosed(EmulatedDevice device, Action leave)
    {
        if (!device.Vfio.IsHeld)
        {
            leave();
            return SysResult.Ok;
        }

        device.Leaving = leave;
        device.Vfio.RequestRelease();
        return SysResult.Ok;
    }

    private EmulatedDevice Add(
        string name, int groupId, IReadOnlyList<ReservedRegion> reserved, string? driver, Func<EmulatedGroup?, EmulatedDevice> make)
    {
        lock (Gate)
        {
            if (_devices.ContainsKey(name))
            {
                throw new ArgumentException($"The emulated host has a device {name} already.", nameof(name));
            }

            _groups.TryGetValue(groupId, out var group);
            var isLate = group is { IsOwned: true };
            var refused = isLate && _linux.LateMembersJoinTheDomain && reserved.Any(region => region.ForbidsAssignment);
            var device = make(refused ? null : group ?? NewGroup(groupId, isEmulated: false));
            if (isLate && !_linux.LateMembersJoinTheDomain)
            {
                device.IsOutsideDomain = true;
                _messages.Add($"WARNING: {device.Name}: added to live group {groupId}");
            }

            return PlugIn(device, driver);
        }
    }

    private EmulatedDevice PlugIn(EmulatedDevice device, string? driver)
    {
        Register(device);
        if (device.Bus == "pci")
        {
            Tree.AddPciDevice(device);
        }
        else
        {
            Tree.AddBusDevice(device);
        }

        RefreshReserved(device.Group);
        Events.Device("add", device);
        if (driver is not null)
        {
            Bind(device, driver);
        }

        return device;
    }

    private EmulatedDevice MakePci(PciDeviceSpec spec, EmulatedGroup? group, bool hasIommu = true) =>
        new(spec.Name, "pci", $"{spec.Parent ?? "devices/pci" + spec.Name[..spec.Name.LastIndexOf(':')]}/{spec.Name}")
        {
            Group = group,
            NativeDriver = spec.Driver is { } driver && !Drivers.IsVfio(driver) ? driver : null,
            Unit = !hasIommu ? null : spec.Unit is { } unit ? Unit(unit) : _units.Values.FirstOrDefault(),
            Id = spec.Id,
            SubsystemId = spec.SubsystemId,
            Class = spec.Class,
            Bars = spec.Bars,
            IsExpress = spec.IsExpress,
            CanReset = spec.CanReset,
            Vectors = spec.Vectors,
            Reserved = spec.Reserved,
        };

    private EmulatedDevice MakeOther(BusDeviceSpec spec, EmulatedGroup? group) => new(spec.Name, spec.Bus, $"devices/platform/{spec.Name}")
    {
        Group = group,
        NativeDriver = spec.Driver is { } driver && !Drivers.IsVfio(driver) ? driver : null,
        Unit = spec.Unit is { } unit ? Unit(unit) : _units.Values.FirstOrDefault(),
        Vectors = new InterruptVectors(0, 0),
        Reserved = spec.Reserved,
    };

    private void RefreshReserved(EmulatedGroup? group)
    {
        if (group is { IsEmulated: false })
        {
            group.Reserved = Merge(group.Devices.SelectMany(device => device.Reserved));
            Tree.ShowReserved(group);
        }
    }
}
