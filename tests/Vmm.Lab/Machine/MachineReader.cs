using System.Buffers.Binary;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Topology;
using Vmm.Lab.Histories;
using Vmm.Testing.Emulation;

namespace Vmm.Lab.Machine;

/// <summary>Reads a machine through its kernel: the topology from sysfs, the rest by asking an empty container and each device once.</summary>
internal sealed class MachineReader(HostKernel kernel)
{
    private const string AllowUnsafeNoIommu = "module/vfio/parameters/enable_unsafe_noiommu_mode";
    private const string AllowUnsafeInterrupts = "module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
    private readonly Dictionary<string, DeviceFacts> _devices = new(StringComparer.Ordinal);
    private SpaceFacts _space = SpaceFacts.Unknown;

    /// <summary>Reads it. Everything that is opened is closed again; a group that cannot be used is left as sysfs shows it.</summary>
    public MachineDescription Read()
    {
        var topology = new SysfsTopologyReader(kernel.Sysfs).Read(1);
        var groups = new List<GroupShape>();
        foreach (var group in topology.Groups)
        {
            var members = topology.DevicesOf(group.Id).Where(device => device.VfioDevice is not null).ToList();
            if (members.Count == 0)
            {
                continue;
            }

            var isMediated = members.TrueForAll(device => device.IsMediated);
            var isUnprotected = group.HasNoIommu && !isMediated;
            var node = isUnprotected ? $"/dev/vfio/noiommu-{group.Id}" : $"/dev/vfio/{group.Id}";
            var isViable = Probe(node, isUnprotected ? VfioUapi.NoIommu : VfioUapi.Type1V2, isMediated, members);
            foreach (var member in members)
            {
                _devices.TryAdd(member.Name, DeviceFacts.Unknown with { CanReset = HasReset(member) });
            }

            groups.Add(new GroupShape(node, isMediated, isViable, [.. members.Select(device => ShapeOf(device, isUnprotected, members.Exists(HasReset)))]));
        }

        return new MachineDescription(
            topology,
            new MachineShape(groups),
            _space,
            _devices,
            IsOn(AllowUnsafeNoIommu),
            IsOn(AllowUnsafeInterrupts));
    }

    private static DeviceShape ShapeOf(HostDevice device, bool isUnprotected, bool isReset) =>
        new(device.Name, isUnprotected ? null : "/dev/vfio/devices/" + device.VfioDevice, isReset);

    // KERNEL: the last close of a device resets the whole bus below its bridge where that is a way to reset.
    private bool HasReset(HostDevice device) => kernel.Sysfs.ReadText($"{device.Path}/reset_method").Value is { Length: > 1 };

    private bool IsOn(string parameter) => kernel.Sysfs.ReadText(parameter).Value is { Length: > 0 } text && text[0] is 'Y' or '1';

    private bool Probe(string node, int type, bool isMediated, List<HostDevice> members)
    {
        var devices = kernel.Devices;
        var container = devices.Open("/dev/vfio/vfio");
        var group = devices.Open(node);
        var isJoined = container.IsOk && group.IsOk && VfioCalls.GroupSetContainer(devices, group.Descriptor, container.Descriptor).IsOk;
        if (isJoined)
        {
            var set = VfioCalls.SetIommu(devices, container.Descriptor, type);
            if (set.IsOk && !isMediated)
            {
                AskSpace(container.Descriptor);
            }
            else if (set.Errno == Iommu.Results.Errno.EPERM)
            {
                _space = _space with { HasIsolatedMsi = false };
            }

            foreach (var member in set.IsOk ? members : [])
            {
                AskDevice(group.Descriptor, member.Name);
            }
        }

        foreach (var opened in new[] { group, container }.Where(opened => opened.IsOk))
        {
            devices.Close(opened.Descriptor);
        }

        return isJoined;
    }

    private void AskSpace(int container)
    {
        if (VfioCalls.IommuGetInfo(kernel.Devices, container) is not { IsOk: true, Value: { } answer })
        {
            return;
        }

        var pageSizes = BinaryPrimitives.ReadUInt64LittleEndian(answer.AsSpan(8));
        var chain = CapabilityChain.Walk(answer, BinaryPrimitives.ReadUInt32LittleEndian(answer.AsSpan(16)), fixedSize: 24);
        if (chain.TryFind(VfioUapi.CapIovaRange, out var ranges))
        {
            const int Header = 16;
            const int Range = 16;
            var bytes = ranges.In(answer);
            var count = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            var first = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Header..]);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Header + ((count - 1) * Range) + sizeof(ulong))..]);
            var isCoherent = VfioCalls.CheckExtension(kernel.Devices, container, VfioUapi.DmaCacheCoherent).Value > 0;
            _space = _space with { Aperture = IovaRange.FromBounds(first, last), PageSizes = pageSizes, EnforcesCoherency = isCoherent };
        }
    }

    private void AskDevice(int group, string name)
    {
        var opened = VfioCalls.GroupGetDeviceFd(kernel.Devices, group, name);
        if (!opened.IsOk)
        {
            return;
        }

        var device = opened.Descriptor;
        var info = VfioCalls.DeviceGetInfo(kernel.Devices, device);
        var config = VfioCalls.DeviceGetRegionInfo(kernel.Devices, device, VfioUapi.PciConfigRegion);
        var bytes = config.IsOk ? BinaryPrimitives.ReadUInt64LittleEndian(config.Value.AsSpan(16)) : 0;
        _devices[name] = new DeviceFacts(
            info.IsOk && (info.Value.Flags & VfioUapi.DeviceReset) != 0,
            bytes > 256,
            new InterruptVectors(Vectors(device, VfioUapi.PciMsi), Vectors(device, VfioUapi.PciMsix), IsUnserved(device), MsixBar(device)));
        kernel.Devices.Close(device);
    }

    /// <summary>KERNEL: of a BAR only that with the table of MSI-X has capabilities.</summary>
    private int? MsixBar(int device)
    {
        Span<byte> bytes = stackalloc byte[32];
        for (var index = 0u; index < VfioUapi.PciRomRegion; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, 32);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], index);
            if (kernel.Devices.Ioctl(device, VfioUapi.DeviceGetRegionInfo, bytes).IsOk
                && (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) & VfioUapi.RegionCaps) != 0)
            {
                return (int)index;
            }
        }

        return null;
    }

    /// <summary>Turns MSI or MSI-X on, which closing the device turns off.</summary>
    private bool IsUnserved(int device)
    {
        var index = Vectors(device, VfioUapi.PciMsi) > 0 ? VfioUapi.PciMsi : VfioUapi.PciMsix;
        if (Vectors(device, index) <= 0 || kernel.Devices.CreateEvent() is not { IsOk: true } signal)
        {
            return false;
        }

        Span<uint> request = [24, VfioUapi.IrqDataEventfd | VfioUapi.IrqActionTrigger, index, 0, 1, (uint)signal.Descriptor];
        Span<byte> bytes = stackalloc byte[24];
        for (var word = 0; word < request.Length; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * word)..], request[word]);
        }

        var set = kernel.Devices.Ioctl(device, VfioUapi.DeviceSetIrqs, bytes);
        kernel.Devices.Close(signal.Descriptor);
        return set.Errno == Iommu.Results.Errno.ENOTSUPP;
    }

    private int Vectors(int device, uint index)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], index);
        return kernel.Devices.Ioctl(device, VfioUapi.DeviceGetIrqInfo, bytes).IsOk ? (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) : 0;
    }
}
